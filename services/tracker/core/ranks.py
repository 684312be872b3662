"""Whose word counts: reports ranked by how near their publisher is to what they report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.tracker.core.events import Report
from services.tracker.core.ledger import Number

Actual = dict[str, list[Report]]
"""Live actual reports by their type."""


def ranker(agency: str | None) -> Callable[[Report], int]:
    """How near a publisher is to what it reports: custodian, owner, anyone."""

    def rank(report: Report) -> int:
        if report.parties.custodian == report.publisher:
            return 0
        return 1 if (report.parties.owner or agency) == report.publisher else 2

    return rank


@dataclass(frozen=True, slots=True)
class Counted:
    """The reports of one kind that count: those of one publisher, in the order they occurred."""

    reports: tuple[Report, ...] = ()
    disputed: bool = False


def count(
    reports: Iterable[Report], rank: Callable[[Report], int], total: Callable[[Report], Number]
) -> Counted:
    """Choose whose reports count: the better rank, then the larger total, then the larger code."""
    by_publisher: dict[str, list[Report]] = {}
    for report in reports:
        by_publisher.setdefault(report.publisher, []).append(report)
    if not by_publisher:
        return Counted()

    def weight(publisher: str) -> tuple[int, Number, str]:
        said = by_publisher[publisher]
        return (-min(map(rank, said)), sum(map(total, said)), publisher)

    chosen = by_publisher[max(by_publisher, key=weight)]
    ordered = sorted(chosen, key=lambda report: (report.happened_at, report.event_id))
    return Counted(tuple(ordered), disputed=len(by_publisher) > 1)
