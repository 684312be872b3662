"""What counts: hand-overs, losses and moves, the ledger that follows from them, and holds."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from services.tracker.core.events import Report
from services.tracker.core.ledger import Number, exact
from services.tracker.core.milestones import HandOver, best, newest
from services.tracker.core.ranks import Actual, Rank, count, ranker
from services.tracker.core.resolved import VOIDED_CONFIRMED
from services.tracker.core.snapshots import Entries, Snapshot, moved_lines, snapshots


def registration(actual: Actual) -> Report | None:
    """The best-ranked one wins whole; only an owner that it names itself counts.

    Where nobody registered it, it is what an operator adopted it as.
    """
    return best(actual.get("registered", ()), ranker(None)) or newest(actual.get("adopted", ()))


COUNTED = frozenset(
    {"handed_over", "confirmed", VOIDED_CONFIRMED, "lost", "split", "merged", "cancelled"}
)
"""What the ledger and its end are made of."""


class Hold(msgspec.Struct, frozen=True):
    """Something that keeps the movement where it is; `ended_at` by a release or a hand-over."""

    hold_id: str
    reason: str | None
    since: datetime
    ended_at: datetime | None
    source: str


class Counts(msgspec.Struct, frozen=True):
    """Whose quantities count, and what the recipient says."""

    entries: Entries
    hand_over: HandOver | None = None
    confirmed: Report | None = None
    cancelled: Report | None = None
    possible_duplicate: bool = False
    snapshots: tuple[Snapshot, ...] = ()
    delivered_at: datetime | None = None

    @property
    def cancelled_first(self) -> bool:
        """Cancelled before any hand-over: then it is no mere writing off of the rest."""
        return self.cancelled is not None and self.entries.written_off_at is None


def settle(actual: Actual, rank: Rank, registered: Report | None) -> Counts:
    """Count the hand-overs, losses and moves, and draw up the ledger."""
    if COUNTED.isdisjoint(actual):
        return Counts(Entries(registered))
    confirmed = best(actual.get("confirmed", ()), rank)
    cancelled = best(actual.get("cancelled", ()), rank)
    preferred = _preferred(actual)
    hand_overs, losses, splits, mergers = (
        count(actual.get(word, ()), rank, total, preferred.get(word)) for word, total in _TOTALS
    )
    received = confirmed or best(actual.get(VOIDED_CONFIRMED, ()), rank)
    supplied = (received,) if received is not None and not hand_overs.reports else ()
    counted = supplied or hand_overs.reports
    moved = (*splits.reports, *mergers.reports)
    written_off_at = _written_off_at(cancelled, counted)
    entries = Entries(registered, counted, losses.reports, moved, written_off_at)
    taken = snapshots(entries)
    delivered_at = next((s.at for s in taken if s.delivered), None)
    return Counts(
        entries,
        _hand_over(counted, delivered_at, inferred=bool(supplied)),
        confirmed,
        cancelled,
        any(c.disputed for c in (hand_overs, losses, splits, mergers)),
        taken,
        delivered_at,
    )


def _preferred(actual: Actual) -> dict[str, Report]:
    """For each type the newest operator's word whose reports of it count."""
    words = actual.get("preferred", ())
    return {word.counts.type: word for word in words if word.counts and word.counts.type}


def _written_off_at(cancelled: Report | None, counted: Sequence[Report]) -> datetime | None:
    """When the rest was cancelled, after a hand-over; at one moment the hand-over comes first."""
    if cancelled is None or not counted or cancelled.happened_at < counted[0].happened_at:
        return None
    return cancelled.happened_at


def _hand_over(
    counted: Sequence[Report], delivered_at: datetime | None, *, inferred: bool
) -> HandOver | None:
    """The hand-over that counts; one that the recipient's own word supplies is inferred."""
    if not counted:
        return None
    first_at = counted[0].happened_at
    return HandOver(first_at, delivered_at or first_at, counted[0].publisher, inferred)


def holds(actual: Actual, counts: Counts, rank: Rank) -> tuple[Hold, ...]:
    """Each hold with its end: a release, which may be told first, or a hand-over that followed."""
    if "held" not in actual:
        return ()
    by_id: dict[str, list[Report]] = {}
    for report in actual.get("held", ()):
        by_id.setdefault(report.hold_id or "", []).append(report)
    return tuple(
        _hold(hold_id, said, actual, counts, rank) for hold_id, said in sorted(by_id.items())
    )


def _hold(hold_id: str, said: list[Report], actual: Actual, counts: Counts, rank: Rank) -> Hold:
    since = min(report.happened_at for report in said)
    first = best([r for r in said if r.happened_at == since], rank) or said[0]
    releases = [r.happened_at for r in actual.get("released", ()) if r.hold_id == hold_id]
    proofs = [r.happened_at for r in counts.entries.hand_overs if r.happened_at >= since]
    return Hold(
        hold_id, first.reason, since, min((*releases, *proofs), default=None), first.identity
    )


def handed_total(report: Report) -> Number:
    """Accepted and damaged of a hand-over, over all lines."""
    return sum(exact(line.accepted) + exact(line.damaged) for line in report.lines)


def quantity_total(report: Report) -> Number:
    """What a loss, a split or a merger takes away, over all lines."""
    return sum(exact(line.quantity) for line in moved_lines(report))


_TOTALS: Sequence[tuple[str, Callable[[Report], Number]]] = (
    ("handed_over", handed_total),
    ("lost", quantity_total),
    ("split", quantity_total),
    ("merged", quantity_total),
)
"""What is counted of one publisher only, and how much of it a report tells."""
