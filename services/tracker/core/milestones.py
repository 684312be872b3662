"""The milestones of a movement: planned, foreseen, reported, or proven by a later one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.vocabulary import LEGGED
from services.tracker.core.events import Report
from services.tracker.core.merge import Register
from services.tracker.core.ranks import Actual, ranker

MilestoneKey = tuple[str, int]
"""Type and leg; the leg of a milestone that has none is 1."""

_ORDER = {"ready": 0, "departed": 1, "arrived": 1, "handed_over": 2, "confirmed": 3}
_ORDER |= {"completed": 4, "returned": 5}
MILESTONES = frozenset(_ORDER)


def order(key: MilestoneKey) -> tuple[int, int, int]:
    """Where a milestone stands: ready, then leg by leg departed and arrived, then the rest."""
    kind, leg = key
    return (_ORDER[kind], leg if kind in LEGGED else 0, int(kind == "arrived"))


def proves(later: MilestoneKey, earlier: MilestoneKey) -> bool:
    """Whether the report of one milestone proves the other, itself included."""
    if later[0] == "returned":
        return earlier in {later, ("ready", 1), ("departed", 1)}
    return order(later) >= order(earlier)


@dataclass(frozen=True, slots=True)
class Due:
    """When a milestone is due, since when it is due at all, and whose word the moment is."""

    at: datetime
    known_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """All that is known of one milestone.

    `proven_at` is the earliest moment at which it or what it must precede is reported.
    """

    type: str
    leg: int
    baseline: Due | None = None
    due: Due | None = None
    plan: Report | None = None
    estimate: Report | None = None
    actual: Report | None = None
    actual_at: datetime | None = None
    reported_by: str | None = None
    proven_at: datetime | None = None
    inferred: bool = False

    @property
    def key(self) -> MilestoneKey:
        return (self.type, self.leg)

    @property
    def spoken_of(self) -> bool:
        """Somebody said something of it that stands."""
        words = (self.plan, self.estimate, self.actual)
        rebaselined = self.due is not None and self.due is not self.baseline
        return self.inferred or rebaselined or any(word is not None for word in words)


@dataclass(frozen=True, slots=True)
class HandOver:
    """The hand-over as the ledger counts it."""

    first_at: datetime
    at: datetime
    reported_by: str
    inferred: bool


def build(
    reports: Mapping[MilestoneKey, Mapping[str, list[Report]]],
    registers: Iterable[Register],
    actual: Actual,
    agency: str | None,
    hand_over: HandOver | None,
    legs: int,
) -> dict[MilestoneKey, Milestone]:
    """Every milestone that was ever spoken of or is proven between reported ones, in order."""
    dues = _dues(registers, actual.get("rebaselined", ()))
    rank = ranker(agency)
    keys = {*reports, *dues, ("ready", 1), ("handed_over", 1)}
    keys |= {(kind, leg) for kind in LEGGED for leg in range(1, legs + 1)}
    found = {
        key: _spoken(key, reports.get(key, {}), dues.get(key), rank)
        for key in sorted(keys, key=order)
    }
    if hand_over is not None:
        found["handed_over", 1] = replace(
            found["handed_over", 1],
            actual_at=hand_over.at,
            reported_by=hand_over.reported_by,
            inferred=hand_over.inferred,
        )
    return _proven(found, hand_over, legs)


def best(reports: Iterable[Report], rank: Callable[[Report], int]) -> Report | None:
    """The report that counts: the better rank, then the newer word."""
    ranked = sorted(reports, key=lambda report: report.recency, reverse=True)
    return min(ranked, key=rank, default=None)


def newest(reports: Iterable[Report]) -> Report | None:
    """The last word among several."""
    return max(reports, key=lambda report: report.recency, default=None)


def _spoken(
    key: MilestoneKey,
    said: Mapping[str, list[Report]],
    dues: tuple[Due | None, Due | None] | None,
    rank: Callable[[Report], int],
) -> Milestone:
    actual = best(said.get("actual", ()), rank)
    baseline, due = dues or (None, None)
    return Milestone(
        *key,
        baseline=baseline,
        due=due,
        plan=newest(said.get("planned", ())),
        estimate=newest(said.get("estimated", ())),
        actual=actual,
        actual_at=actual.happened_at if actual else None,
        reported_by=actual.publisher if actual else None,
    )


def _dues(
    registers: Iterable[Register], rebaselined: Iterable[Report]
) -> dict[MilestoneKey, tuple[Due | None, Due]]:
    """Baseline and due of each milestone: an operator's word, else the frozen baseline."""
    baselines = _baselines(registers)
    dues: dict[MilestoneKey, tuple[Due | None, Due]] = {
        key: (due, due) for key, due in baselines.items()
    }
    for word in sorted(rebaselined, key=lambda report: report.recency):
        if word.milestone is not None and word.at is not None:
            leg = word.leg if word.milestone in LEGGED else 1
            key = (word.milestone, leg)
            known_at = dues[key][1].known_at if key in dues else word.revised_at
            due = Due(word.at, min(known_at, word.revised_at), word.identity)
            dues[key] = (baselines.get(key), due)
    return dues


def _baselines(registers: Iterable[Register]) -> dict[MilestoneKey, Due]:
    """Of the identities that ever planned it and are not retracted, the earliest first word."""
    earliest: dict[MilestoneKey, tuple[tuple[datetime, str, str], Due]] = {}
    for register in registers:
        report = register.report
        if report.retracted:
            continue
        for first in register.firsts:
            rank = (first.revised_at, report.publisher, report.event_id)
            key = (first.type, first.leg)
            if key not in earliest or rank < earliest[key][0]:
                due = Due(first.occurred_at, first.revised_at, report.identity)
                earliest[key] = (rank, due)
    return {key: due for key, (_, due) in earliest.items() if key[0] in MILESTONES}


def _proven(
    found: dict[MilestoneKey, Milestone], hand_over: HandOver | None, legs: int
) -> dict[MilestoneKey, Milestone]:
    reported = {key: m.actual_at for key, m in found.items() if m.actual_at is not None}
    if hand_over is not None:
        reported["handed_over", 1] = hand_over.first_at
    result: dict[MilestoneKey, Milestone] = {}
    for key, milestone in found.items():
        proofs = [at for later, at in reported.items() if proves(later, key)]
        on_the_way = key[0] not in {"confirmed", "returned"} and key[1] <= legs
        skipped = bool(proofs) and key not in reported and on_the_way
        between = any(order(key) > order(earlier) for earlier in reported)
        result[key] = replace(
            milestone,
            proven_at=min(proofs, default=None),
            inferred=milestone.inferred
            or (skipped and (milestone.baseline is not None or between)),
        )
    return result
