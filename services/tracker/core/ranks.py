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


def count(reports: Sequence[Report], rank: Rank, total: Callable[[Report], Number]) -> Counted:
    """Choose whose reports count: the better rank, then the larger total, then the larger code."""
    if not reports:
        return _NOTHING
    by_publisher: dict[str, list[Report]] = {}
    for report in reports:
        by_publisher.setdefault(report.publisher, []).append(report)

    def weight(publisher: str) -> tuple[int, Number, str]:
        said = by_publisher[publisher]
        return (-min(map(rank, said)), sum(map(total, said)), publisher)

    chosen = by_publisher[max(by_publisher, key=weight)]
    ordered = sorted(chosen, key=lambda report: (report.happened_at, report.event_id))
    return Counted(tuple(ordered), disputed=len(by_publisher) > 1)
