"""The rules about plans and estimates: slipping, missing, or outstayed."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import Limits
from services.tracker.core.milestones import Due
from services.tracker.core.state import Ended

_ETA_SLIP = Identity("eta_slip", "handed_over")
_OVERSTAY = Identity("overstay", "completed")
_UNPLANNED = Identity("unplanned", "handed_over")


class Slip(NamedTuple):
    """The latest unbroken run of estimates of the hand-over that are beyond due and tolerance.

    It follows `before`, an estimate in time, and ends with `back`, where there are such.
    """

    due: Due
    first: Report
    last: Report
    before: Report | None
    back: Report | None


def slip_of(facts: Facts, limits: Limits) -> Slip | None:
    """How far the newest estimates of the hand-over slip."""
    due, said = facts.handed_over.due, facts.said("handed_over", "estimated")
    if due is None or not said:
        return None
    slip: Slip | None = None
    in_time: Report | None = None
    for estimate in said:
        if estimate.happened_at <= due.at + limits.tolerance:
            in_time = estimate
            if slip is not None and slip.back is None:
                slip = slip._replace(back=estimate)
        elif slip is None or slip.back is not None:
            slip = Slip(due, estimate, estimate, in_time, None)
        else:
            slip = slip._replace(last=estimate)
    return slip


def eta_slip(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """The newest estimates of the hand-over are all beyond its due moment and the tolerance."""
    slip = slip_of(facts, limits)
    if slip is None:
        return
    end = _first_end(facts, slip.back.revised_at if slip.back else None)
    eta_at = slip.last.happened_at
    yield Lateness(
        _ETA_SLIP,
        (Step(slip.first.revised_at, "warning"),),
        threshold=limits.tolerance,
        until=end.at if end else None,
        because=end.word if end and end.names_cause else None,
        expires=slip.due.at + limits.grace,
        due_at=slip.due.at,
        eta_at=eta_at,
        slip=(eta_at - slip.due.at) // limits.slip_step,
        evidence=(slip.due.source, slip.last.identity),
    )


def overstay(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """A team that reported for duty is not home although its tour is over."""
    if facts.kind != "deployment" or facts.hand_over is None:
        return
    due = facts.milestone("completed").due
    if due is not None:
        yield Lateness(
            _OVERSTAY,
            (Step(due.at + limits.overstay, "info"),),
            threshold=limits.overstay,
            until=_first(facts, "completed", "returned"),
            due_at=due.at,
            evidence=(due.source,),
        )


def _first(facts: Facts, *types: str) -> datetime | None:
    said = (facts.milestone(kind).actual_at for kind in types)
    return min((at for at in said if at is not None), default=None)


def unplanned(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Registered long ago, and nobody has said when it is due."""
    if facts.registered is None:
        return
    due = facts.handed_over.due
    end = _first_end(facts, due.known_at if due is not None else None)
    origin = facts.registered.happened_at
    yield Lateness(
        _UNPLANNED,
        (Step(origin + limits.unplanned, "info"),),
        threshold=limits.unplanned,
        until=end.at if end else None,
        because=end.word if end and end.names_cause else None,
        evidence=(facts.registered.identity,),
    )


def _first_end(facts: Facts, at: datetime | None) -> Ended | None:
    """What came first: the moment, or the delivery."""
    told = [Ended(at, "told")] if at is not None else []
    ends = told + ([facts.delivered] if facts.delivered else [])
    return min(ends, key=lambda ended: ended.at, default=None)
