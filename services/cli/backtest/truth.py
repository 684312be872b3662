"""What the record finally tells of a milestone, and whether an alert about it was right."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

from services.cli.backtest.alerts import About
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.rules_delivery import delivery_overdue, no_show
from services.tracker.core.rules_transit import milestone_overdue, never_departed

Verdict = Literal["right", "wrong", "unknown"]

JUDGED: Final = ("never_departed", "milestone_overdue", "delivery_overdue", "no_show")
"""Delays that say of a milestone that it is late; of the others no record tells the truth."""
_RULES: Final = (never_departed, milestone_overdue, delivery_overdue, no_show)
_BY_THEIR_END: Final = frozenset({"delivery_overdue", "no_show"})
"""They end when all is delivered, or all heads are there, not at the first hand-over."""


class Truth(NamedTuple):
    """When a milestone was due and when it occurred; `proven_at`: no later than then."""

    due_at: datetime
    occurred_at: datetime | None
    proven_at: datetime | None = None

    @property
    def late(self) -> bool:
        """It occurred, and after its due."""
        return self.occurred_at is not None and self.occurred_at > self.due_at

    def verdict(self, at: datetime) -> Verdict:
        """Whether it was right to say at that moment that it is late."""
        if self.occurred_at is not None:
            return "right" if self.late and self.occurred_at > at else "wrong"
        if self.proven_at is not None and self.proven_at <= at:
            return "wrong"
        return "unknown"


Truths = Mapping[About, Truth]


def truths_of(facts: Facts) -> Iterator[tuple[About, Truth]]:
    """Of each milestone of a movement that is due."""
    for rule in _RULES:
        for lateness in rule(facts, DEFAULT_LIMITS):
            if lateness.due_at is not None:
                yield _about(facts, lateness.identity), _truth(facts, lateness, lateness.due_at)


def _about(facts: Facts, late: Identity) -> About:
    place = (late.milestone, late.leg, late.hold_id)
    return About(late.delay, facts.kind, facts.subject_id, *place)


def _truth(facts: Facts, lateness: Lateness, due_at: datetime) -> Truth:
    name, milestone, leg, _ = lateness.identity
    said = facts.milestone(milestone or "", leg or 1)
    occurred_at, proven_at = said.actual_at, said.proven_at
    if name in _BY_THEIR_END:
        # Accepted, cancelled or superseded is an end, and not what was promised.
        occurred_at = proven_at = lateness.until if lateness.because is None else None
    return Truth(due_at, None if said.inferred else occurred_at, proven_at)
