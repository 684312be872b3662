"""The rules of a commitment: nobody brings all that was promised, or it was told in two ways."""

from collections.abc import Iterator
from datetime import timedelta

from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import Limits
from services.tracker.core.promise import Promise


def commitment_uncovered(promise: Promise, limits: Limits) -> Iterator[Lateness]:
    """It is due soon, and the movements that name it bring less than was promised."""
    committed, due_at = promise.committed, promise.due_at
    if committed is None or due_at is None or not promise.stands:
        return
    if any(line.gap > 0 for line in promise.lines):
        yield Lateness(
            Identity("commitment_uncovered"),
            (Step(due_at - limits.coverage, "warning"),),
            threshold=limits.coverage,
            due_at=due_at,
            evidence=(committed.identity,),
        )


def conflict(promise: Promise, _limits: Limits) -> Iterator[Lateness]:
    """One identity says two things with the same `revised_at`."""
    at = promise.conflict_at
    if at is not None:
        said = (report.identity for report in promise.reports if report.revised_at == at)
        yield Lateness(
            Identity("conflict"),
            (Step(at, "info"),),
            threshold=timedelta(0),
            evidence=tuple(said),
        )


PROMISE_RULES = (commitment_uncovered, conflict)


def assess_promise(promise: Promise, limits: Limits) -> dict[Identity, Lateness]:
    """All latenesses of a commitment, open or coming."""
    return {each.identity: each for rule in PROMISE_RULES for each in rule(promise, limits)}
