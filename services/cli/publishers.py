"""`chasqui publishers`: how each publisher reports."""

from collections.abc import Iterable, Mapping
from typing import Final

import click
import orjson
from rich.table import Table
from rich.text import Text

from schemas.topics import PUBLISHERS
from services.cli.consoles import a_console
from services.cli.log_reader import last_words
from services.cli.rows import JsonObject
from services.cli.settings import read_settings

_COLUMNS: Final[Mapping[str, str]] = {
    "publisher": "publisher",
    "reports": "reports",
    "late %": "late_share",
    "lag p50": "lag_p50",
    "lag p90": "lag_p90",
    "interval": "median_interval",
    "dup.": "duplicates",
    "corr.": "corrections",
    "future": "future_stamps",
    "conflicts": "conflicts",
    "moving": "moving",
    "silent since": "silent_since",
}


@click.command("publishers", short_help="Show how each publisher reports.")
@click.option("--json", "as_json", is_flag=True, help="Print the scorecards, one a line.")
def publishers(*, as_json: bool) -> None:
    """Show each publisher's scorecard: late share, duplicates, corrections, lag, interval.

    It is told at most hourly, and at once when a publisher falls silent or speaks again.
    """
    scorecards = last_words(read_settings().kafka_bootstrap_servers, PUBLISHERS.full_name)
    if as_json:
        for line in scorecards:
            click.echo(line)
    else:
        a_console().print(scorecard_table(scorecards))


def scorecard_table(scorecards: Iterable[bytes]) -> Table:
    """One row a publisher."""
    table = Table(title="Publishers", title_justify="left")
    for name in _COLUMNS:
        table.add_column(name, overflow="fold")
    for each in scorecards:
        said = orjson.loads(each)
        table.add_row(*(Text(_cell(said, field)) for field in _COLUMNS.values()))
    return table


def _cell(said: JsonObject, field: str) -> str:
    value = said[field]
    if value is None:
        return ""
    return f"{float(str(value)) * 100:.1f}" if field == "late_share" else str(value)
