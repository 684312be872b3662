"""`chasqui commitments`: what was promised, and how far it is."""

from collections.abc import Iterable

import click
import msgspec
import orjson

from schemas.topics import COMMITMENTS
from services.cli.consoles import a_console
from services.cli.kafka_clients import reading
from services.cli.log_reader import partitions_of, records_to_end
from services.cli.promise_table import promises_table, sums_table
from services.cli.settings import read_settings
from services.tracker.core.sums import GROUPINGS, Grouping, read_summed, sums


@click.command("commitments", short_help="Show what was promised, and how far it is.")
@click.option("--by", type=click.Choice(GROUPINGS), help="Sum the promises by this.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def commitments(*, by: Grouping | None, as_json: bool) -> None:
    """Show each promise, or their sums: promised, covered, moving, handed over, confirmed.

    Summed by the agency that promised, by the country, item, programme (the line of effort) or the
    recipient's own request. Units are never mixed; a cancelled promise is promised no more.
    """
    show_commitments(_last_words(), by, as_json=as_json)


def show_commitments(values: Iterable[bytes], by: Grouping | None, *, as_json: bool) -> None:
    """Print commitments as the topic has them, or their sums."""
    if by is not None:
        summed = sums(map(read_summed, values), by)
        lines = [msgspec.json.encode(each) for each in summed]
        table = sums_table(map(msgspec.to_builtins, summed), by)
    else:
        lines = list(values)
        table = promises_table(map(orjson.loads, lines))
    if as_json:
        for line in lines:
            click.echo(line)
    else:
        a_console().print(table)


def _last_words() -> list[bytes]:
    """What the topic says last of each, by key."""
    last: dict[bytes, bytes] = {}
    with reading(read_settings().kafka_bootstrap_servers) as consumer:
        for record in records_to_end(consumer, partitions_of(consumer, COMMITMENTS.full_name)):
            last[record.key] = record.value
    return [last[key] for key in sorted(last)]
