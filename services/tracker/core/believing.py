"""Likely late or merely unreported: what past silences make of a delivery that is overdue."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Experience, Identity, Lateness, Step
from services.tracker.core.learning import Believed
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
        if lateness.steps[-1].confidence != _LIKELY or not lateness.open_at(now):
            continue
        known = next((one for one in told if one.is_open and one.identity == identity), None)
        if known is not None and known.confidence == _LIKELY:
            found[identity] = _believed_still(lateness, known)
        elif lateness.silent_since is not None:
            found[identity] = _believed(lateness, lateness.silent_since, judge, facts)


def _believed_still(lateness: Lateness, known: Told) -> Lateness:
    """What was believed once in an episode stays so, whatever is learnt or reported meanwhile."""
    unreported, likely = lateness.steps
    return _with(lateness, msgspec.structs.replace(likely, at=unreported.at), known.learnt)


def _believed(lateness: Lateness, due: datetime, judge: Judge, facts: Facts) -> Lateness:
    unreported, likely = lateness.steps
    publisher, country, grace = publisher_of(facts), facts.country, unreported.at - due
    believed = judge.believed(publisher, country, due, grace, judge.limits_of(facts).lag)
    if believed is None:
        return msgspec.structs.replace(lateness, steps=(unreported,))
    step = msgspec.structs.replace(likely, at=believed.at)
    return _with(lateness, step, _experience(believed, publisher, country))


def _with(lateness: Lateness, step: Step, learnt: Experience | None) -> Lateness:
    return msgspec.structs.replace(lateness, steps=(lateness.steps[0], step), learnt=learnt)


def _experience(
    believed: Believed, publisher: str | None, country: str | None
) -> Experience | None:
    late, silent, group = believed.odds
    if group is None:
        return None
    return Experience(silent, late, publisher if group else None, country if group > 1 else None)
