"""Refused rows, told to whoever sent them."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import click
from rich.table import Table
from rich.text import Text

from services.cli.taking import TakenRow
from services.ingest.core.admission import Refused

_SHOWN = 5


class RefusedRow(NamedTuple):
    """Which row was refused, and why."""

    row: int
    reason: str
    field: str | None
    detail: str | None
    event_id: str | None = None


def refused_rows(rows: Iterable[TakenRow]) -> list[RefusedRow]:
    """The refused ones among taken rows, in the order of the file."""
    told = (
        RefusedRow(
            row.source.row, verdict.reason.value, verdict.field, verdict.detail, verdict.event_id
        )
        for row in rows
        if isinstance(verdict := row.verdict, Refused)
    )
    return sorted(told, key=lambda row: row.row)


def tell_refused(rows: list[RefusedRow]) -> None:
    """Count them by reason on stderr, the first few with their rows."""
    for reason, count in sorted(Counter(row.reason for row in rows).items()):
        some = [row for row in rows if row.reason == reason][:_SHOWN]
        where = ", ".join(f"row {row.row} ({row.field or 'the event'})" for row in some)
        more = ", ..." if count > _SHOWN else ""
        click.echo(f"refused: {reason}: {count}: {where}{more}", err=True)


def refused_table(rows: list[RefusedRow]) -> Table:
    """All of them."""
    table = Table("row", "reason", "field", "detail", "event_id")
    for row in rows:
        words = (row.row, row.reason, row.field, row.detail, row.event_id)
        table.add_row(*(Text("" if word is None else str(word)) for word in words))
    return table
