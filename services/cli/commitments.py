"""`chasqui commitments`: what was promised, and how far it is."""

from collections.abc import Iterable

import click
import msgspec
import orjson

from schemas.topics import COMMITMENTS
from services.cli.consoles import a_console
from services.cli.log_reader import last_words
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
    values = last_words(read_settings().kafka_bootstrap_servers, COMMITMENTS.full_name)
    show_commitments(values, by, as_json=as_json)


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
