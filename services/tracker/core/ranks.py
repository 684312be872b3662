"""Whose word counts: reports ranked by how near their publisher is to what they report."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from services.tracker.core.events import Report
from services.tracker.core.ledger import Number

Actual = Mapping[str, Sequence[Report]]
"""Live actual reports by their type, from the oldest to the newest word."""
Rank = Callable[[Report], int]
"""The smaller, the nearer."""


def ranker(agency: str | None) -> Rank:
    """How near a publisher is to what it reports: custodian, owner, anyone."""

    def rank(report: Report) -> int:
        if report.parties.custodian == report.publisher:
            return 0
        return 1 if (report.parties.owner or agency) == report.publisher else 2

    return rank


class Counted(msgspec.Struct, frozen=True, gc=False):
    """The reports of one kind that count: those of one publisher, in the order they occurred."""

    reports: tuple[Report, ...] = ()
    disputed: bool = False


_NOTHING = Counted()


def count(
    reports: Sequence[Report],
    rank: Rank,
    total: Callable[[Report], Number],
    preferred: Report | None = None,
) -> Counted:
    """Choose whose reports count: the better rank, then the larger total, then the larger code.

    Before all these whom an operator prefers; in doubt then is only what others said later.
    """
    if not reports:
        return _NOTHING
    if len(reports) == 1:  # nothing to choose from
        return Counted((reports[0],))
    by_publisher: dict[str, list[Report]] = {}
    for report in reports:
        by_publisher.setdefault(report.publisher, []).append(report)

    def weight(publisher: str) -> tuple[int, Number, str]:
        said = by_publisher[publisher]
        return (-min(map(rank, said)), sum(map(total, said)), publisher)

    named = _named(preferred, by_publisher)
    chosen = max(by_publisher, key=weight) if named is None else named
    ordered = sorted(by_publisher[chosen], key=lambda report: (report.happened_at, report.event_id))
    disputed = len(by_publisher) > 1
    if preferred is not None and named is not None:
        later = (r for r in reports if r.revised_at > preferred.revised_at)
        disputed = any(report.publisher != named for report in later)
    return Counted(tuple(ordered), disputed)


def _named(preferred: Report | None, said: Mapping[str, object]) -> str | None:
    """Whom the operator prefers, where that publisher says anything."""
    if preferred is None or preferred.counts is None:
        return None
    return preferred.counts.publisher if preferred.counts.publisher in said else None
