"""The rules about the way: not gone, not arrived, standing still, held, not heard of."""

from collections.abc import Iterator
from datetime import timedelta

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import WATERBORNE, Limits
from services.tracker.core.milestones import Milestone

_NEVER_DEPARTED = Identity("never_departed", "departed", 1)
SILENT = Identity("silent")


def never_departed(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to depart, and neither departed nor reported any further."""
    milestone = facts.milestone("departed")
    if milestone.due is not None:
        due = milestone.due.at
        critical = due + max(limits.departure_critical, limits.reporting_lag)
        yield Lateness(
            _NEVER_DEPARTED,
            (Step(due + limits.grace, "warning"), Step(critical, "critical")),
            threshold=limits.grace,
            until=milestone.proven_at,
            due_at=due,
            evidence=(milestone.due.source,),
        )


def milestone_overdue(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to be ready, to arrive, to leave a stop or to be confirmed, and not reported."""
    for milestone in facts.milestones.values():
        if milestone.due is not None and _has_own_overdue(milestone):
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
        last = leg == facts.legs
        after = facts.handed_over if last else facts.milestone("departed", leg + 1)
        gone_at, hold = after.proven_at, facts.open_hold
        if hold is not None and (gone_at is None or hold.since < gone_at):
            continue
        releases = [r.happened_at for r in facts.said("released")]
        origin = max(
            [arrived.actual_at, *(at for at in releases if gone_at is None or at < gone_at)]
        )
        limit = _dwell_limit(facts, leg, limits)
        due = facts.handed_over.due if last else None
        late = origin + limit if due is None else max(origin + limit, due.at)
        yield Lateness(
            Identity("dwell", "arrived", leg),
            (Step(late, "warning"),),
            threshold=limit,
            until=gone_at,
            due_at=due.at if due else None,
            evidence=(arrived.actual.identity,),
        )


def _dwell_limit(facts: Facts, leg: int, limits: Limits) -> timedelta:
    waterborne = facts.mode_of(leg) in WATERBORNE
    if not waterborne and leg < facts.legs:
        waterborne = facts.mode_planned(leg + 1) in WATERBORNE
    return limits.dwell_waterborne if waterborne else limits.dwell


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
    if facts.state != "in_transit" or contact is None:
        return
    departed = facts.milestone("departed", facts.leg).actual
    mode = facts.mode_of(facts.leg)
    announced = departed.silent_until if departed else None
    unannounced = mode == "sea" and announced is None
    allowance = max(limits.silent_at_sea if unannounced else limits.silent, limits.lag_learnt)
    yield Lateness(
        SILENT,
        (Step(max(contact, announced or contact) + allowance, "warning"),),
        threshold=allowance,
        evidence=(departed.identity,) if departed else (),
    )
