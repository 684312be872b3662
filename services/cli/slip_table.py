"""The slip ledger as a table."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.table import Table
from rich.text import Text

from schemas.times import wire
from services.tracker.core.slips import Slip

_COLUMNS: Final = (
    "milestone", "moves", "from", "to", "moved", "total", "by", "revised", "known", "why",
)  # fmt: skip


def slip_table(slips: Sequence[Slip]) -> Table:
    """One row a move; `total` is against the frozen baseline."""
    table = Table(title="Slips", title_justify="left")
    for column in _COLUMNS:
        table.add_column(column, overflow="fold")
    for slip in slips:
        table.add_row(*map(Text, _cells(slip)))
    return table


def _cells(slip: Slip) -> tuple[str, ...]:
    return (
        slip.milestone if slip.leg is None else f"{slip.milestone} {slip.leg}",
        slip.moves,
        _moment(slip.from_at),
        _moment(slip.to_at),
        signed(slip.moved),
        signed(slip.total),
        f"{slip.publisher}/{slip.event_id}",
        wire(slip.revised_at),
        wire(slip.known_at),
        " ".join(filter(None, ("retracted" if slip.retracted else None, slip.why))),
    )


def _moment(at: datetime | None) -> str:
    return "none" if at is None else wire(at)


def signed(span: timedelta | None) -> str:
    """A move in days and hours, as `+9 d` or `-1 d 6 h`; less than a minute is not told."""
    if span is None:
        return ""
    minutes = int(abs(span).total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    told = " ".join(f"{count} {unit}" for count, unit in parts if count)
    return f"{'-' if span < timedelta() else '+'}{told or '0 d'}"
