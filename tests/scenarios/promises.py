"""A promise, told once: kept by two agencies, with a split, a cancellation and a re-assignment."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.scenarios.stories import LAST_DAY
from tests.support.hearing import in_order_heard
from tests.support.telling import Story, Word, day

PROMISE, OTHER, TRAINERS = "SCN-P", "SCN-Q", "SCN-T"
FBI = "US-FBI"

STORIES = (
    Story("commitment", PROMISE)
    .committed(50, ambulance=60, programme="security", request="EC-REQ-88", name="C")
    .committed(50, ambulance=50, programme="security", name="C", revised=30),
    Story("commitment", OTHER).committed(55, ambulance=30, at=2, by=FBI, programme="governance"),
    Story("commitment", TRAINERS).committed(40, trainer=18, unit="IE", programme="governance"),
    Story("shipment", "SCN-P-A")
    .registered(ambulance=30, at=1, commitment=PROMISE)
    .departed(5, mode="sea", silent_until=59.5)
    .split(6, 10, child="SCN-P-A1"),
    Story("shipment", "SCN-P-A1")
    .registered(ambulance=10, at=7, commitment=PROMISE)
    .cancelled(27, reason="capacity"),
    Story("shipment", "SCN-P-B")
    .registered(ambulance=30, at=1, by=FBI, commitment=PROMISE, name="R")
    .planned("handed_over", 45, said=1, by=FBI)
    .revises("R", said=12, commitment=OTHER)
    .handed_over(44, 30, closed=True, by=FBI)
    .confirmed(46, 30),
    Story("shipment", "SCN-P-C")
    .registered(ambulance=30, at=25, by=FBI, commitment=PROMISE)
    .handed_over(48, 30, closed=True, by=FBI)
    .confirmed(49, 30),
    Story("deployment", "SCN-P-D")
    .registered(trainer=15, at=2, commitment=TRAINERS)
    .handed_over(39, 15, closed=True),
)

SAID: dict[str, tuple[str, ...]] = {
    f"commitment/{PROMISE}": (
        "commitment_uncovered raised day 20: warning",
        "commitment_uncovered cleared day 25, ended day 25: happened",
        "commitment_uncovered raised day 27, late since day 20: warning",
        "commitment_uncovered cleared day 30: replanned",
    ),
    f"commitment/{OTHER}": (),
    f"commitment/{TRAINERS}": ("commitment_uncovered raised day 10: warning",),
    "shipment/SCN-P-A": ("delivery_overdue raised day 51: warning unreported",),
    "shipment/SCN-P-A1": (),
    "shipment/SCN-P-B": (),
    "shipment/SCN-P-C": (),
    "deployment/SCN-P-D": (),
}
"""What is said of delays, by subject."""

REACHED: dict[str, tuple[str, str, list[int]]] = {
    PROMISE: ("covered", "ambulance", [50, 50, 20, 30, 30]),
    OTHER: ("confirmed", "ambulance", [30, 30, 0, 30, 30]),
    TRAINERS: ("promised", "trainer", [18, 15, 0, 15, 0]),
}
"""State, item, and promised, covered, moving, handed over, confirmed of it in the end."""

_ENDS = (3, 8, 10, 15, 22, 25, 26, 27, 28, LAST_DAY)
"""Days at which everybody has heard everything: what partitions hand on crosses no deadline."""


class Phase(NamedTuple):
    """The words that are heard until a day, which then comes in every partition."""

    words: list[Word]
    until: float


def phases(stories: Iterable[Story]) -> Iterator[Phase]:
    """The words of all stories, phase after phase."""
    heard, begin = in_order_heard(stories), day(-1)
    for until in _ENDS:
        last = until == LAST_DAY
        yield Phase(
            [w for w in heard if begin <= w.heard_at and (last or w.heard_at < day(until))], until
        )
        begin = day(until)
