"""The doubts: what in the reports of a movement contradicts itself or is only inferred."""

from datetime import datetime
from itertools import compress
from operator import attrgetter

import msgspec

from services.tracker.core.counts import Counts
from services.tracker.core.events import Report
from services.tracker.core.ledger import LedgerLine, exact
from services.tracker.core.merge import History
from services.tracker.core.milestones import Milestone, MilestoneKey
from services.tracker.core.ranks import Actual
from services.tracker.core.state import Standing

PHYSICAL = frozenset({"departed", "arrived", "handed_over", "confirmed", "completed"})

_NAMES = (
    "conflict",
    "contradiction",
    "disputed",
    "inferred",
    "inversion",
    "over_delivered",
    "possible_duplicate",
    "unknown_line",
    "unregistered",
)
_inferred, _over_delivered = attrgetter("inferred"), attrgetter("over_delivered")
_shipped = attrgetter("shipped")


class Doubts(msgspec.Struct, frozen=True):
    """The doubts by name, sorted, and since when those are told that are told as delays."""

    names: tuple[str, ...]
    contradicted_at: datetime | None
    conflict_at: datetime | None
    disputed_at: datetime | None


def doubts_of(
    history: History,
    actual: Actual,
    counts: Counts,
    found: dict[MilestoneKey, Milestone],
    lines: tuple[LedgerLine, ...],
    standing: Standing,
) -> Doubts:
    """Collect the doubts of a movement."""
    contradicted_at = _contradicted_at(actual, counts, standing)
    conflicted_at = conflict_at(history)
    disputed = _disputed(counts.confirmed, lines)
    so = (
        conflicted_at is not None,
        contradicted_at is not None,
        disputed,
        any(map(_inferred, found.values())),
        _inverted(found),
        any(map(_over_delivered, lines)),
        counts.possible_duplicate,
        None in map(_shipped, lines),
        counts.entries.registered is None,
    )
    names = tuple(compress(_NAMES, so))
    disputed_at = counts.confirmed.happened_at if disputed and counts.confirmed else None
    return Doubts(names, contradicted_at, conflicted_at, disputed_at)


def _contradicted_at(actual: Actual, counts: Counts, standing: Standing) -> datetime | None:
    """The first physical event after a cancellation that is the state."""
    if counts.cancelled is None or standing.state != "cancelled":
        return None
    at = counts.cancelled.happened_at
    later = [r.happened_at for kind in PHYSICAL for r in actual.get(kind, ())]
    return min((moment for moment in later if moment > at), default=None)


def conflict_at(history: History) -> datetime | None:
    """The earliest `revised_at` at which one identity says two things at once."""
    rivalled = [r.report for r in history.registers if r.rivals]
    if not rivalled:
        return None
    return min((r.revised_at for r in rivalled if not r.retracted), default=None)


def _disputed(confirmed: Report | None, lines: tuple[LedgerLine, ...]) -> bool:
    """The recipient's own word differs from the counted hand-over in a line that it names."""
    if confirmed is None:
        return False
    known = {line.line: line for line in lines}
    for said in confirmed.lines:
        line = known.get(said.line, LedgerLine(said.line))
        if (exact(said.accepted), exact(said.damaged)) != (line.accepted, line.damaged):
            return True
    return False


def _inverted(found: dict[MilestoneKey, Milestone]) -> bool:
    """The arrival of a leg is reported before its departure."""
    for (kind, leg), arrived in found.items():
        if kind == "arrived" and arrived.actual_at is not None:
            departed = found.get(("departed", leg))
            departed_at = departed.actual_at if departed else None
            if departed_at is not None and arrived.actual_at < departed_at:
                return True
    return False
