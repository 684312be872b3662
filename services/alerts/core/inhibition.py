"""Which open delay of a subject makes another one not worth telling."""

from collections.abc import Iterable

from schemas.vocabulary import DelayName
from services.alerts.core.delay import Delay

_PROMISE_BROKEN: frozenset[DelayName] = frozenset(
    {"silent", "dwell", "eta_slip", "milestone_overdue", "never_departed"}
)

INHIBITS: dict[DelayName, frozenset[DelayName]] = {
    "publisher_silent": frozenset({"silent"}),
    "delivery_overdue": _PROMISE_BROKEN,
    "no_show": _PROMISE_BROKEN | {"damage_loss"},
    "short_delivery": frozenset({"damage_loss"}),
    "held": frozenset({"dwell", "silent"}),
    "never_departed": frozenset({"milestone_overdue"}),
    "milestone_overdue": frozenset({"milestone_overdue"}),
}
"""Inhibitor: what it silences. Of the last two only a later milestone."""

_ONLY_LATER: frozenset[DelayName] = frozenset({"never_departed", "milestone_overdue"})
_LAST_LEG = 1 << 16


def place(delay: Delay) -> tuple[int, int]:
    """Where its milestone stands in the journey; the greater comes later."""
    leg = delay.leg or 1
    match delay.milestone:
        case "ready":
            return (0, 0)
        case "departed":
            return (leg, 0)
        case "arrived":
            return (leg, 1)
        case "handed_over":
            return (_LAST_LEG, 0)
        case "confirmed":
            return (_LAST_LEG, 1)
        case _:
            return (_LAST_LEG, 2)


def inhibits(inhibitor: Delay, delay: Delay) -> bool:
    """Whether `inhibitor` silences `delay`, both open in one subject.

    What was itself not told (backlog) silences nothing, and nothing silences what is more
    severe than itself.
    """
    if inhibitor.quiet or delay.delay not in INHIBITS.get(inhibitor.delay, ()):
        return False
    if inhibitor.delay in _ONLY_LATER and place(inhibitor) >= place(delay):
        return False
    return inhibitor.rank >= delay.rank


def inhibitor_of(delay: Delay, open_delays: Iterable[Delay]) -> str | None:
    """The delay_id of what silences it, the most severe first; None when it may be told."""
    found = [other for other in open_delays if inhibits(other, delay)]
    best = min(found, key=lambda other: (-other.rank, other.delay, other.delay_id), default=None)
    return best.delay_id if best else None
