"""The ledger over time: a snapshot for each moment at which a counted report changed it.

So rules can say since when something is so, whatever the order in which reports arrived.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.tracker.core.events import Line, Report
from services.tracker.core.ledger import LedgerLine, exact
from services.tracker.core.resolved import VOIDED_CONFIRMED


class Snapshot(msgspec.Struct, frozen=True, gc=False):
    """The ledger from `at` on; `hand_over` says that one occurred at that very moment.

    `settled`: nothing is outstanding on any registered line, and there is one.
    """

    at: datetime
    lines: tuple[LedgerLine, ...]
    settled: bool
    anything_handed: bool
    handed: bool = False
    closed: bool = False
    written_off: bool = False
    hand_over: bool = False

    @property
    def registered(self) -> list[LedgerLine]:
        return [line for line in self.lines if line.shipped is not None]

    @property
    def heads(self) -> list[LedgerLine]:
        """Registered lines that count people."""
        return [line for line in self.registered if line.unit == "IE"]

    @property
    def ended(self) -> bool:
        """No more is to be expected after this hand-over, be it complete or not."""
        return self.handed and (self.settled or self.closed or self.written_off)

    @property
    def delivered(self) -> bool:
        return self.ended and self.anything_handed

    @property
    def gone(self) -> bool:
        """Every registered line was lost or moved, and nobody received anything."""
        if self.anything_handed:
            return False
        registered = self.registered
        return bool(registered) and all(line.gone for line in registered)

    @property
    def short(self) -> bool:
        """The hand-over is over and something promised was not in it."""
        if not self.handed or self.written_off:
            return False
        if self.closed and any(line.lacking > 0 for line in self.lines):
            return True
        return self.settled and any(line.missing > 0 for line in self.registered)


class Entries(msgspec.Struct, frozen=True):
    """The counted reports that make a ledger, and when the rest was cancelled, if it was."""

    registered: Report | None
    hand_overs: tuple[Report, ...] = ()
    lost: tuple[Report, ...] = ()
    moved: tuple[Report, ...] = ()
    written_off_at: datetime | None = None


_HANDS_OVER = frozenset({"handed_over", "confirmed", VOIDED_CONFIRMED})


def snapshots(entries: Entries) -> tuple[Snapshot, ...]:
    """The ledger at each moment at which it changed, in order of time."""
    by_moment = _by_moment(entries)
    if not by_moment:
        return ()
    lines = {line.line: line for line in opening_lines(entries.registered)}
    taken: list[Snapshot] = []
    handed = closed = written_off = False
    for at in sorted(by_moment):
        reports = by_moment[at]
        for report in reports:
            _enter(lines, report)
        hand_over = any(report.type in _HANDS_OVER for report in reports)
        handed = handed or hand_over
        closed = closed or any(r.closed for r in reports if r.type == "handed_over")
        if entries.written_off_at is not None and at >= entries.written_off_at:
            written_off = True
            lines = {number: _written_off(line) for number, line in lines.items()}
        ordered = tuple(lines[number] for number in sorted(lines))
        left = [line.outstanding for line in ordered if line.shipped is not None]
        settled = bool(left) and not any(left)
        anything = any(line.handed > 0 for line in ordered)
        taken.append(
            Snapshot(at, ordered, settled, anything, handed, closed, written_off, hand_over)
        )
    return tuple(taken)


def opening_lines(registered: Report | None) -> tuple[LedgerLine, ...]:
    """The lines as registered, in their order, before anything happened to them."""
    said = registered.lines if registered is not None else ()
    lines = {
        x.line: LedgerLine(x.line, x.item, x.unit, exact(x.quantity), bool(x.serials)) for x in said
    }
    return tuple([lines[number] for number in sorted(lines)])


def _written_off(line: LedgerLine) -> LedgerLine:
    return msgspec.structs.replace(line, written_off=True)


def _by_moment(entries: Entries) -> Mapping[datetime, Sequence[Report]]:
    moments: dict[datetime, list[Report]] = {}
    for report in (*entries.hand_overs, *entries.lost, *entries.moved):
        moments.setdefault(report.happened_at, []).append(report)
    if entries.written_off_at is not None:
        moments.setdefault(entries.written_off_at, [])
    return moments


def _enter(lines: dict[int, LedgerLine], report: Report) -> None:
    for line in moved_lines(report):
        known = lines.get(line.line, LedgerLine(line.line))
        lines[line.line] = _entered(known, report.type, line)


def _entered(known: LedgerLine, word: str, line: Line) -> LedgerLine:
    match word:
        case "lost":
            return msgspec.structs.replace(known, lost=known.lost + exact(line.quantity))
        case "split" | "merged":
            return msgspec.structs.replace(known, moved=known.moved + exact(line.quantity))
        case _:
            return msgspec.structs.replace(
                known,
                accepted=known.accepted + exact(line.accepted),
                damaged=known.damaged + exact(line.damaged),
                reported_missing=known.reported_missing + exact(line.missing),
                surplus=known.surplus + exact(line.surplus),
            )


def moved_lines(report: Report) -> list[Line]:
    """The quantities that a loss, a split or a merger takes away."""
    return [*report.lines, *(line for child in report.children for line in child.lines)]
