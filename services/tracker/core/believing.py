"""Likely late or merely unreported: what past silences make of a delivery that is overdue."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Experience, Identity, Lateness
from services.tracker.core.learnt import Judge, publisher_of
from services.tracker.core.told import Told

_LIKELY = "likely"


def believe(
    found: dict[Identity, Lateness],
    told: Iterable[Told],
    judge: Judge,
    facts: Facts,
    now: datetime,
) -> None:
    """Set when each silence that lasts at `now` is likely lateness, in the place of the lag."""
    for identity, lateness in found.items():
        if lateness.steps[-1].confidence != _LIKELY or not _lasts(lateness, now):
            continue
        known = next((one for one in told if one.is_open and one.identity == identity), None)
        if known is not None and known.confidence == _LIKELY:
            found[identity] = _believed_still(lateness, known)
        elif lateness.silent_since is not None:
            found[identity] = _believed(lateness, lateness.silent_since, judge, facts)


def _lasts(lateness: Lateness, now: datetime) -> bool:
    return (lateness.due_at or lateness.late_since) <= now and lateness.over_at(now) is None


def _believed_still(lateness: Lateness, known: Told) -> Lateness:
    """What was believed once in an episode stays so, whatever is learnt or reported meanwhile.

    It stays open as long after due as it was first told, where that was before patience ended.
    """
    unreported, likely = lateness.steps
    at = unreported.at
    if known.learnt is not None and lateness.due_at is not None and known.due_at is not None:
        at = min(at, lateness.due_at + (known.late_since - known.due_at))
    step = msgspec.structs.replace(likely, at=at)
    return msgspec.structs.replace(lateness, steps=(step,), learnt=known.learnt)


def _believed(lateness: Lateness, due: datetime, judge: Judge, facts: Facts) -> Lateness:
    """Unreported when patience ends; likely when it is believed, be that before."""
    unreported, likely = lateness.steps
    publisher, country = publisher_of(facts), facts.country
    believed = judge.believed(publisher, country, due, judge.limits_of(facts).lag)
    if believed is None:
        return msgspec.structs.replace(lateness, steps=(unreported,))
    late, silent, group = believed.odds
    if group is None:
        return lateness  # nothing is learnt
    step = msgspec.structs.replace(likely, at=believed.at)
    steps = (step,) if step.at <= unreported.at else (unreported, step)
    of, there = publisher if group else None, country if group > 1 else None
    learnt = Experience(silent, late, of, there)
    return msgspec.structs.replace(lateness, steps=steps, learnt=learnt)
