"""`chasqui show`: all that is known of one subject."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import click
import httpx
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.answers import ask_tracker
from services.cli.consoles import a_console
from services.cli.moment import MOMENT
from services.cli.promise_table import movements_table
from services.cli.rows import JsonObject
from services.cli.settings import read_settings
from services.cli.subject import SUBJECT, Subject

_FACTS: Final = (
    "owner", "custodian", "commitment", "agency", "country", "mode", "programme", "request",
    "due_at", "last_contact_at",
)  # fmt: skip
_TABLES: Final = {
    "Milestones": (
        "milestones",
        "type leg baseline_at due_at planned_at estimated_at actual_at reported_by inferred",
    ),
    "Ledger": (
        "lines",
        (
            "line item unit shipped accepted damaged missing surplus lost moved outstanding"
            " promised covered moving handed_over confirmed"
        ),
    ),
    "Holds": ("holds", "hold_id reason since"),
    "Open delays": (
        "delays",
        "delay milestone leg hold_id late_since severity confidence",
    ),
    "Timeline": (
        "events",
        "occurred_at type classifier leg place reason recorded_at publisher event_id retracted",
    ),
    "Contents in conflict": (
        "contents",
        "publisher event_id content type classifier occurred_at place lines",
    ),
}
"""Title, field of the record and its columns."""


@click.command("show", short_help="Show all that is known of one subject.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.option("--at", type=MOMENT, help="What had happened by then, with all that is known since.")
@click.option(
    "--known-at", type=MOMENT, help="What was known then: only what the journal had by that time."
)
@click.option("--slips", is_flag=True, help="With the slip ledger: who moved what, when and why.")
@click.option(
    "--journal",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An export of the journal, in place of Kafka, or any NDJSON file of events.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the record as the tracker gives it.")
@click.option("--url", help="The tracker (default: CHASQUI_TRACKER_URL or http://127.0.0.1:8081).")
def show(  # noqa: PLR0913 - one for each of its options
    subject: Subject,
    *,
    at: datetime | None,
    known_at: datetime | None,
    slips: bool,
    journal: Path | None,
    as_json: bool,
    url: str | None,
) -> None:
    """Show the state, ledger, open delays and timeline of KIND/ID, as in shipment/EC-AMB-0017.

    Of a commitment: how far each item is, and which movements bring it.

    The tracker is asked; it knows the present and the last word of each event. --at, --known-at
    and --slips read the subject's partition of the journal instead (of a commitment all of them),
    from Kafka or from --journal, and add the slip ledger: every move of a plan, an estimate or a
    due date.
    """
    if at or known_at or slips or journal:
        _show_past(subject, at, known_at, journal, as_json=as_json)
        return
    tracker = url or read_settings().tracker_url
    movement = _asked(tracker, subject)
    if as_json:
        click.echo(movement.content)
        return
    timeline = _asked(tracker, subject, "/events")
    _print(a_console(), {**movement.json(), **timeline.json()})


def _show_past(
    subject: Subject,
    at: datetime | None,
    known_at: datetime | None,
    journal: Path | None,
    *,
    as_json: bool,
) -> None:
    # It loads the tracker and a second Kafka client: 0.3 s that only those pay who ask for it.
    from services.cli.past import Moment, past  # noqa: PLC0415
    from services.cli.slip_table import slip_table  # noqa: PLC0415

    known = past(subject, Moment(at, known_at), journal)
    if as_json:
        click.echo(orjson.dumps(known.record))
        return
    console = a_console()
    _print(console, {**known.record, "events": known.events})
    if known.slips:
        console.print(slip_table(known.slips))


def _asked(url: str, subject: Subject, what: str = "") -> httpx.Response:
    of = ("commitments", subject.subject_id) if subject.promised else ("movements", *subject)
    path = "/".join(quote(part, safe="") for part in of)
    return ask_tracker(
        url, f"{path}{what}", f"The tracker knows no {subject.kind}/{subject.subject_id}."
    )


def _print(console: Console, known: JsonObject) -> None:
    where = f", leg {known['leg']} of {known['legs']}" if "leg" in known else ""
    console.print(Text(f"{known['kind']}/{known['subject_id']}: {known['state']}{where}", "bold"))
    facts = (f"{name} {known[name]}" for name in _FACTS if known.get(name) is not None)
    console.print(Text(", ".join(facts)))
    if known["doubts"]:
        console.print(Text(f"doubts: {', '.join(map(str, _list(known['doubts'])))}", "yellow"))
    known = {**known, "contents": list(_contents(_list(known["events"])))}
    for title, (field, columns) in _TABLES.items():
        rows = _list(known.get(field))
        if rows:
            console.print(_table(title, columns.split(), rows))
    if known.get("movements"):
        console.print(movements_table(known))


def _table(title: str, columns: list[str], rows: list[JsonObject]) -> Table:
    """Of a movement's and a commitment's columns those that the rows have."""
    table = Table(title=title, title_justify="left")
    columns = [each for each in columns if any(each in row for row in rows)]
    for column in columns:
        table.add_column(column.removesuffix("_at").replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    return table


def _contents(events: list[JsonObject]) -> Iterator[JsonObject]:
    """What one event says in several ways, each with the hash that `chasqui prefer` takes."""
    for event in events:
        for content in _list(event.get("contents")):
            yield {**event, **content}


def _list(value: object) -> list[JsonObject]:
    return value if isinstance(value, list) else []


def _cell(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case list():
            return "; ".join(map(_cell, value))
        case dict():
            return ", ".join(f"{name} {said}" for name, said in value.items())
        case _:
            return str(value)
