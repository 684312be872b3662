"""`chasqui quarantine`: look at what was refused, mend it, send it again."""

from pathlib import Path

import click
import orjson
from rich.table import Column, Table
from rich.text import Text

from services.cli.consoles import a_console
from services.cli.edge import Edge, batches
from services.cli.errors import CommandError
from services.cli.quarantined import Quarantined, at_its_receipt, quarantined, quarantined_at
from services.cli.settings import read_settings
from services.cli.source_file import Place

_COLUMNS = (
    "place",
    "received_at",
    "publisher",
    "reason",
    "field",
    "detail",
    "origin",
    "row",
    "bytes",
)


class PlaceType(click.ParamType):
    """Reads PARTITION/OFFSET, as `quarantine list` prints it."""

    name = "place"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        if isinstance(value, Place):
            return value
        partition, _, offset = str(value).partition("/")
        if not (partition.isdecimal() and offset.isdecimal()):
            self.fail(f"{value!r} is not PARTITION/OFFSET, as in 3/812", param, ctx)
        return Place(int(partition), int(offset))


_PLACE = PlaceType()


@click.group("quarantine")
def quarantine() -> None:
    """Look at what was refused, mend it and send it again."""


@quarantine.command("list")
@click.option("--reason", help="Only what was refused for this reason.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
def list_(*, reason: str | None, as_json: bool) -> None:
    """List what stands in quarantine, with the reason, field and origin of each."""
    rows = [found.told() for found in quarantined(read_settings().kafka_bootstrap_servers, reason)]
    if as_json:
        for row in rows:
            click.echo(orjson.dumps(row))
        return
    columns = (Column(name, overflow="fold") for name in _COLUMNS)
    table = Table(*columns, title=f"{len(rows)} in quarantine", title_justify="left")
    for row in rows:
        table.add_row(*(Text(str(row[column])) for column in _COLUMNS))
    a_console().print(table)


@quarantine.command("show")
@click.argument("place", type=_PLACE)
def show(place: Place) -> None:
    """Print the original bytes of PLACE (partition/offset) on stdout, and why on stderr."""
    found = quarantined_at(read_settings().kafka_bootstrap_servers, (place,))[0]
    for name, word in found.told().items():
        click.echo(f"{name}: {word}", err=True)
    click.echo(found.value)


@quarantine.command("replay")
@click.argument("places", type=_PLACE, nargs=-1, metavar="[PLACE]...")
@click.option("--reason", help="All that was refused for this reason, instead of single places.")
@click.option(
    "--edit", is_flag=True, help="Mend each in $EDITOR first; one left empty is not sent."
)
@click.option(
    "--key-file", type=click.Path(path_type=Path), help="File with a key of scope `backfill`."
)
@click.option(
    "--url", help="The ingest edge (default: CHASQUI_INGEST_URL or http://127.0.0.1:8080)."
)
def replay(
    places: tuple[Place, ...],
    *,
    reason: str | None,
    edit: bool,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Send rows from quarantine through the edge again, as received when they first came.

    This needs a key of scope `backfill` that may speak for their publishers. What is refused again
    stands in quarantine once more; what was admitted before changes nothing.
    """
    if bool(places) == bool(reason):
        raise click.UsageError("name the places, or a --reason")
    settings = read_settings()
    bootstrap = settings.kafka_bootstrap_servers
    found = list(quarantined(bootstrap, reason)) if reason else quarantined_at(bootstrap, places)
    mended = [_mended(one) if edit else (one, one.resent()) for one in found]
    with Edge(url or settings.ingest_url, settings.key(key_file), patience_seconds=60) as edge:
        refused = _send(edge, [one for one in mended if one[1]])
    if refused:
        message = f"{refused} of {len(found)} were refused again."
        raise CommandError(message)


def _mended(found: Quarantined) -> tuple[Quarantined, bytes]:
    text = click.edit(found.value.decode(errors="replace"), extension=".json")
    value = (text if text is not None else found.value.decode(errors="replace")).encode().strip()
    return found, at_its_receipt(value, found.received_at, found.name) if value else b""


def _send(edge: Edge, rows: list[tuple[Quarantined, bytes]]) -> int:
    refused = 0
    for batch in batches([value for _, value in rows]):
        answer = edge.send([value for _, value in rows[batch]])
        refused += answer.refused
        for told in answer.rows:
            why = (
                f": {told.reason} at {told.field or 'the event'}: {told.detail}"
                if told.reason
                else ""
            )
            click.echo(f"{rows[batch][told.row - 1][0].name} {told.outcome}{why}")
    return refused
