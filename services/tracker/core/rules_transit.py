"""The rules about the way: not gone, not arrived, standing still, held, not heard of."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import WATERBORNE, Limits
from services.tracker.core.milestones import Milestone


def never_departed(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to depart, and neither departed nor reported any further."""
    milestone = facts.milestone("departed")
    if milestone.due is not None:
        due = milestone.due.at
        critical = due + max(limits.departure_critical, limits.lag)
        yield Lateness(
            Identity("never_departed", "departed", 1),
            (Step(due + limits.grace, "warning"), Step(critical, "critical")),
            threshold=limits.grace,
            until=milestone.proven_at,
            due_at=due,
            evidence=(milestone.due.source,),
        )


def milestone_overdue(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to be ready, to arrive, to leave a stop or to be confirmed, and not reported."""
    for milestone in facts.milestones.values():
        if _has_own_overdue(milestone) and milestone.due is not None:
            due = milestone.due.at
            leg = milestone.leg if milestone.type in {"departed", "arrived"} else None
            yield Lateness(
                Identity("milestone_overdue", milestone.type, leg),
                (Step(due + limits.grace, "warning"),),
                threshold=limits.grace,
                until=milestone.proven_at,
                due_at=due,
                evidence=(milestone.due.source,),
            )


def _has_own_overdue(milestone: Milestone) -> bool:
    if milestone.type == "departed":
        return milestone.leg > 1
    return milestone.type in {"ready", "arrived", "confirmed"}


def dwell(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Arrived on a leg and not gone on, with no hold to explain it."""
    for leg in range(1, facts.legs + 1):
        arrived = facts.milestone("arrived", leg)
        if arrived.actual is None or arrived.actual_at is None:
            continue
        gone_at, hold = _gone_on_at(facts, leg), facts.open_hold
        if hold is not None and (gone_at is None or hold.since < gone_at):
            continue
        releases = [r.happened_at for r in facts.said("released")]
        releases = [at for at in releases if gone_at is None or at < gone_at]
        origin = max([arrived.actual_at, *releases])
        limit = _dwell_limit(facts, leg, limits)
        due = facts.milestone("handed_over").due if leg == facts.legs else None
        late = origin + limit if due is None else max(origin + limit, due.at)
        yield Lateness(
            Identity("dwell", "arrived", leg),
            (Step(late, "warning"),),
            threshold=limit,
            until=gone_at,
            due_at=due.at if due else None,
            evidence=(arrived.actual.identity,),
        )


def _gone_on_at(facts: Facts, leg: int) -> datetime | None:
    """When the milestone after an arrival is proven."""
    after = [facts.milestone("departed", n).proven_at for n in range(leg + 1, facts.legs + 1)]
    after += [facts.milestone("handed_over").proven_at]
    return min((at for at in after if at is not None), default=None)


def _dwell_limit(facts: Facts, leg: int, limits: Limits) -> timedelta:
    modes = {facts.mode_of(leg)}
    if leg < facts.legs:
        modes.add(facts.mode_planned(leg + 1))
    return limits.dwell_waterborne if modes & WATERBORNE else limits.dwell


def held(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Kept back for longer than its reason usually takes."""
    for hold in facts.holds:
        limit = limits.held_reasons.get(hold.reason or "", limits.held)
        yield Lateness(
            Identity("held", hold_id=hold.hold_id),
            (
                Step(hold.since + limit, "warning"),
                Step(hold.since + limits.held_critical, "critical"),
            ),
            threshold=limit,
            until=hold.ended_at,
            evidence=(hold.source,),
        )


def silent(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """On the move, and nobody has heard of it for longer than its mode explains."""
    contact = facts.last_contact_at
    departed = facts.milestone("departed", facts.leg).actual
    if facts.state != "in_transit" or contact is None:
        return
    mode = facts.mode_of(facts.leg)
    announced = departed.silent_until if departed else None
    allowance = limits.silent_modes.get(mode or "", limits.silent)
    if mode == "sea" and announced is None:
        allowance = limits.silent_at_sea
    yield Lateness(
        Identity("silent"),
        (Step(max(contact, announced or contact) + allowance, "warning"),),
        threshold=allowance,
        evidence=(departed.identity,) if departed else (),
    )
