"""The rules: when a movement is late (source: the delay table of the domain).

A rule is a function of facts and limits, without a clock. `RULES` names them all.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness, Step
from services.tracker.core.limits import WATERBORNE, Limits
from services.tracker.core.milestones import Milestone
from services.tracker.core.rules_delivery import (
    damage_loss,
    delivery_overdue,
    no_show,
    short_delivery,
    unverified_delivery,
)
from services.tracker.core.rules_doubt import conflict, contradiction, disputed

Rule = Callable[[Facts, Limits], Iterator[Lateness]]

OUTLIVES_THE_MOVEMENT = frozenset({"short_delivery", "damage_loss", "unverified_delivery"})
"""Delays that no terminal state ends but `cancelled`."""

ENDED_BY_CORRECTION_ONLY = frozenset({"contradiction", "conflict", "disputed"})

CAUSES = frozenset({"cancelled", "lost", "transferred", "returned"})
"""Terminal states that are a cause of their own name."""


def never_departed(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Due to depart, and neither departed nor reported any further."""
    milestone = facts.milestone("departed")
    if milestone.due is not None:
        due = milestone.due.at
        critical = due + max(limits.departure_critical, limits.lag)
        yield Lateness(
            Identity("never_departed", "departed", 1),
            (Step(due + limits.grace, "warning"), Step(critical, "critical")),
            origin_at=due,
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
                origin_at=due,
                threshold=limits.grace,
                until=milestone.proven_at,
                due_at=due,
                evidence=(milestone.due.source,),
            )


def _has_own_overdue(milestone: Milestone) -> bool:
    if milestone.type == "departed":
        return milestone.leg > 1
    return milestone.type in {"ready", "arrived", "confirmed"}


def eta_slip(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """The newest estimates of the hand-over are all beyond its due moment and the tolerance."""
    due = facts.milestone("handed_over").due
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
        ends = [at for at in (back_at, facts.delivered_at) if at is not None]
        yield Lateness(
            Identity("eta_slip", "handed_over"),
            (Step(run[0].revised_at, "warning"),),
            origin_at=run[0].revised_at,
            threshold=limits.tolerance,
            until=min(ends, default=None),
            expires=due.at + limits.grace,
            due_at=due.at,
            eta_at=eta_at,
            slip=(eta_at - due.at) // limits.slip_step,
            evidence=(due.source, run[-1].identity),
        )


def dwell(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """Arrived on a leg and not gone on, with no hold to explain it."""
    for leg in range(1, facts.legs + 1):
        arrived = facts.milestone("arrived", leg)
        if arrived.actual is None or arrived.actual_at is None:
            continue
        gone_at = _gone_on_at(facts, leg)
        releases = [
            hold.released_at
            for hold in facts.holds
            if hold.released_at is not None and (gone_at is None or hold.released_at < gone_at)
        ]
        origin = max(arrived.actual_at, *releases) if releases else arrived.actual_at
        limit = _dwell_limit(facts, leg, limits)
        due = facts.milestone("handed_over").due if leg == facts.legs else None
        late = origin + limit if due is None else max(origin + limit, due.at)
        yield _until_held(
            facts,
            Lateness(
                Identity("dwell", "arrived", leg),
                (Step(late, "warning"),),
                origin_at=origin,
                threshold=limit,
                until=gone_at,
                due_at=due.at if due else None,
                evidence=(arrived.actual.identity,),
            ),
        )


def _gone_on_at(facts: Facts, leg: int) -> datetime | None:
    """When the milestone after an arrival is proven."""
    after = [facts.milestone("departed", n).proven_at for n in range(leg + 1, facts.legs + 1)]
    after += [facts.milestone("handed_over").proven_at]
    return min((at for at in after if at is not None), default=None)


def _dwell_limit(facts: Facts, leg: int, limits: Limits) -> timedelta:
    modes = {facts.mode_of(leg)}
    if leg < facts.legs:
        modes.add(facts.mode_of(leg + 1))
    return limits.dwell_waterborne if modes & WATERBORNE else limits.dwell


def _until_held(facts: Facts, lateness: Lateness) -> Lateness:
    """A hold that is open explains the dwell from its opening on."""
    opened = min((hold.since for hold in facts.holds if hold.ended_at is None), default=None)
    if opened is None or (lateness.until is not None and lateness.until <= opened):
        return lateness
    return replace(lateness, until=opened, because="superseded")


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
            origin_at=hold.since,
            threshold=limit,
            until=hold.ended_at,
            evidence=(hold.source,),
        )


def silent(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """On the move, and nobody has heard of it for longer than its mode explains."""
    contact = facts.last_contact_at
    departed = facts.milestone("departed", facts.leg).actual
    if contact is None or facts.milestone("departed").proven_at is None:
        return
    mode = facts.mode_of(facts.leg)
    announced = departed.silent_until if departed else None
    allowance = limits.silent_modes.get(mode or "", limits.silent)
    if mode == "sea" and announced is None:
        allowance = limits.silent_at_sea
    yield Lateness(
        Identity("silent"),
        (Step(max(contact, announced or contact) + allowance, "warning"),),
        origin_at=contact,
        threshold=allowance,
        until=None if facts.state == "in_transit" else contact,
        evidence=(departed.identity,) if departed else (),
    )


def overstay(facts: Facts, limits: Limits) -> Iterator[Lateness]:
    """A team that reported for duty is not home although its tour is over."""
    due = facts.milestone("completed").due
    if facts.kind == "deployment" and facts.hand_over is not None and due is not None:
        yield Lateness(
            Identity("overstay", "completed"),
            (Step(due.at + limits.overstay, "info"),),
            origin_at=due.at,
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
    hand_over = facts.milestone("handed_over")
    dues = [due.known_at for due in (hand_over.due, hand_over.baseline) if due is not None]
    ends = [*dues, *([facts.delivered_at] if facts.delivered_at else [])]
    origin = facts.registered.happened_at
    yield Lateness(
        Identity("unplanned", "handed_over"),
        (Step(origin + limits.unplanned, "info"),),
        origin_at=origin,
        threshold=limits.unplanned,
        until=min(ends, default=None),
        evidence=(facts.registered.identity,),
    )


RULES: tuple[Rule, ...] = (
    never_departed,
    milestone_overdue,
    delivery_overdue,
    eta_slip,
    dwell,
    held,
    silent,
    short_delivery,
    damage_loss,
    unverified_delivery,
    no_show,
    overstay,
    unplanned,
    contradiction,
    conflict,
    disputed,
)


def assess(facts: Facts, limits: Limits) -> dict[Identity, Lateness]:
    """All latenesses of a movement, open, coming or over."""
    found = (lateness for rule in RULES for lateness in rule(facts, limits))
    return {lateness.identity: _until_ended(facts, lateness) for lateness in found}


def _until_ended(facts: Facts, lateness: Lateness) -> Lateness:
    """A movement that is over is late no more, whatever was still missing."""
    ended = facts.ended
    delay = lateness.identity.delay
    if ended is None or delay in ENDED_BY_CORRECTION_ONLY:
        return lateness
    if delay in OUTLIVES_THE_MOVEMENT and ended.word != "cancelled":
        return lateness
    if lateness.until is not None and lateness.until < ended.at:
        return lateness
    because = ended.word if ended.word in CAUSES else lateness.because
    if lateness.until is None or because != lateness.because:
        return replace(lateness, until=ended.at, because=because)
    return lateness
