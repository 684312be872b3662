"""The rules for data stewards: what contradicts itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import Limits


def contradiction(facts: Facts, _limits: Limits) -> Iterator[Lateness]:
    """Something physical occurred after the cancellation."""
    if facts.doubts.contradicted_at is not None:
        yield _doubt("contradiction", facts.doubts.contradicted_at, facts)


def conflict(facts: Facts, _limits: Limits) -> Iterator[Lateness]:
    """One identity says two things with the same `revised_at`."""
    if facts.doubts.conflict_at is not None:
        yield _doubt("conflict", facts.doubts.conflict_at, facts)


def disputed(facts: Facts, _limits: Limits) -> Iterator[Lateness]:
    """The recipient's own word differs from the counted hand-over."""
    if facts.doubts.disputed_at is not None:
        yield _doubt("disputed", facts.doubts.disputed_at, facts)


def _doubt(name: str, since: datetime, facts: Facts) -> Lateness:
    evidence = {
        "contradiction": [r for r in facts.reports if r.happened_at == since],
        "conflict": [r for r in facts.reports if r.revised_at == since],
        "disputed": [facts.confirmed] if facts.confirmed else [],
    }
    return Lateness(
        Identity(name),
        (Step(since, "info"),),
        threshold=timedelta(0),
        evidence=tuple(report.identity for report in evidence[name]),
    )
