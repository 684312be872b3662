"""The rules about plans and estimates: slipping, missing, or outstayed."""

from collections.abc import Iterator
from datetime import datetime

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import Limits
from services.tracker.core.state import Ended

_ETA_SLIP = Identity("eta_slip", "handed_over")
_OVERSTAY = Identity("overstay", "completed")
_UNPLANNED = Identity("unplanned", "handed_over")


def eta_slip(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """The newest estimates of the hand-over are all beyond its due moment and the tolerance."""
    due = facts.handed_over.due
    if due is None:
        return
    run: list[Report] = []
    back_at: datetime | None = None
    for estimate in facts.said("handed_over", "estimated"):
        if estimate.happened_at > due.at + limits.tolerance:
            run = [estimate] if back_at is not None else [*run, estimate]
            back_at = None
        elif run and back_at is None:
            back_at = estimate.revised_at
    if run:
        eta_at = run[-1].happened_at
        end = _first_end(facts, back_at)
        yield Lateness(
            _ETA_SLIP,
            (Step(run[0].revised_at, "warning"),),
            threshold=limits.tolerance,
            until=end.at if end else None,
            because=end.word if end and end.names_cause else None,
            expires=due.at + limits.grace,
            due_at=due.at,
            eta_at=eta_at,
            slip=(eta_at - due.at) // limits.slip_step,
            evidence=(due.source, run[-1].identity),
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
