"""The rules: when a movement is late (source: the delay table of the domain).

A rule is a function of facts and limits, without a clock. `RULES` names them all.
"""

from collections.abc import Callable, Iterator

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import ENDED_BY_CORRECTION_ONLY, Identity, Lateness
from services.tracker.core.limits import Limits
from services.tracker.core.rules_delivery import (
    damage_loss,
    delivery_overdue,
    no_show,
    short_delivery,
    unverified_delivery,
)
from services.tracker.core.rules_doubt import conflict, contradiction, disputed
from services.tracker.core.rules_plan import eta_slip, overstay, unplanned
from services.tracker.core.rules_transit import (
    dwell,
    held,
    milestone_overdue,
    never_departed,
    silent,
)
from services.tracker.core.state import Ended

Rule = Callable[[Facts, Limits], Iterator[Lateness]]

OUTLIVES_THE_MOVEMENT = frozenset({"short_delivery", "damage_loss", "unverified_delivery"})
"""Delays that no terminal state ends but `cancelled`."""


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
    found = {each.identity: each for rule in RULES for each in rule(facts, limits)}
    if facts.ended is None:
        return found
    return {identity: _until_ended(facts, each, facts.ended) for identity, each in found.items()}


def _until_ended(facts: Facts, lateness: Lateness, ended: Ended) -> Lateness:
    """A movement that is over is late no more, whatever was still missing."""
    delay = lateness.identity.delay
    if delay in ENDED_BY_CORRECTION_ONLY:
        return lateness
    if delay in OUTLIVES_THE_MOVEMENT:
        if facts.state != "cancelled" or facts.cancelled_at is None:
            return lateness
        ended = Ended(facts.cancelled_at, "cancelled")
    if lateness.until is not None and lateness.until < ended.at:
        return lateness
    if lateness.until == ended.at and not ended.names_cause:
        return lateness
    because = ended.word if ended.names_cause else None
    return msgspec.structs.replace(lateness, until=ended.at, because=because)
