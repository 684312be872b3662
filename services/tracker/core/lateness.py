"""Lateness: what a rule answers, a function of facts and limits without a clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from schemas.vocabulary import DELAY_NAMES
from services.tracker.core import milestones

DUE_SHOWN = frozenset(
    {
        "never_departed",
        "milestone_overdue",
        "delivery_overdue",
        "eta_slip",
        "short_delivery",
        "no_show",
        "overstay",
    }
)
"""Delays whose records name the due moment of their milestone."""


ENDED_BY_CORRECTION_ONLY = frozenset({"contradiction", "conflict", "disputed"})


class Identity(NamedTuple):
    """What makes one delay the same delay over time, within its subject."""

    delay: str
    milestone: str | None = None
    leg: int | None = None
    hold_id: str | None = None

    @property
    def order(self) -> tuple[int, tuple[int, int, int], str]:
        """Table order, then milestone, then hold."""
        place = (-1, 0, 0)
        if self.milestone is not None:
            place = milestones.order((self.milestone, self.leg or 1))
        return (DELAY_NAMES.index(self.delay), place, self.hold_id or "")


class Step(msgspec.Struct, frozen=True, gc=False):
    """From `at` on a delay is so severe; confidence where the rule has one."""

    at: datetime
    severity: str
    confidence: str | None = None


class Over(msgspec.Struct, frozen=True, gc=False):
    """When a lateness was over, with a cause of its own name if it has one."""

    at: datetime
    because: str | None


class Experience(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Of the last so many silences that lasted as long, so many were truly late.

    Those of a publisher, or of it in one country; of everyone where both are None.
    """

    times: int
    late: int
    publisher: str | None = None
    country: str | None = None


class Lateness(msgspec.Struct, frozen=True, gc=False):
    """When something is late, how it worsens, and what ended it.

    `due_at` is the due moment that the lateness rests on. `because` is set where the end
    has a cause of its own name. `slip` counts the whole steps by which an estimate is beyond due.
    `silent_since`: from then on past silences say when it is likely, and `learnt` what they say.
    """

    identity: Identity
    steps: tuple[Step, ...]
    threshold: timedelta
    until: datetime | None = None
    because: str | None = None
    expires: datetime | None = None
    due_at: datetime | None = None
    eta_at: datetime | None = None
    slip: int = 0
    evidence: Sequence[str] = ()
    silent_since: datetime | None = None
    learnt: Experience | None = None

    @property
    def late_since(self) -> datetime:
        """The moment of the first step."""
        return self.steps[0].at

    def over_at(self, now: datetime) -> Over | None:
        """What ended it by `now`: the foreseen end, or something that happened before that."""
        if self.until is not None and (self.expires is None or self.until <= self.expires):
            return Over(self.until, self.because)
        if self.expires is not None and (self.expires <= now or self.until is not None):
            return Over(self.expires, "superseded")
        return None

    def open_at(self, now: datetime) -> bool:
        """Late, and nothing ended it."""
        return self.late_since <= now and self.over_at(now) is None

    def was_open(self, now: datetime) -> bool:
        """It was late for a while, but something had already ended it; to expire is no news."""
        over = self.over_at(now)
        if over is None or self.until is None:
            return False
        return self.late_since <= now and self.late_since < over.at

    def step_at(self, now: datetime) -> Step:
        """The last step that has passed, by moment and then as listed."""
        return self._last([step for step in self.steps if step.at <= now])

    def step_before(self, end: datetime) -> Step:
        """The last step that was reached before it was over."""
        return self._last([step for step in self.steps if step.at < end])

    def _last(self, passed: Sequence[Step]) -> Step:
        return max(reversed(passed or self.steps[:1]), key=lambda step: step.at)

    def next_step(self, now: datetime) -> Step | None:
        """The next step that is still to come, unless it ends before."""
        if self.until is not None:
            return None
        coming = [s for s in self.steps if s.at > now and not self._expired(s.at)]
        return min(coming, key=lambda step: step.at, default=None)

    def deadline(self, now: datetime) -> datetime | None:
        """When to look again although nothing arrives: the next step, or the foreseen end."""
        if self.until is not None:
            return None
        first = self.silent_since
        if first is not None and first <= now:
            first = None
        for step in self.steps:
            if step.at > now and (first is None or step.at < first):
                first = step.at
        if self.expires is not None and self.late_since < self.expires > now:
            return self.expires if first is None else min(first, self.expires)
        return first

    def _expired(self, at: datetime) -> bool:
        return self.expires is not None and self.expires <= at
