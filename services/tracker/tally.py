"""How many own movements are in which state and what of them is late, kept up with each change."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from faust import Service

from services.runtime.engine import Owned
from services.tracker.core.derive import facts_of
from services.tracker.core.movement import Movement
from services.tracker.metrics import DelayLabels, MovementLabels, TrackerMetrics
from services.tracker.processors import MovementsProcessor

_LOOK_SECONDS = 0.1
_SHOW_AFTER_LOOKS = 10
_CHUNK = 50


class States(Protocol):
    """The part of the engine that lets one look at what is owned here."""

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance."""

    def scan(self, processor: str) -> Iterator[tuple[bytes, Movement]]:
        """All keys and states of own partitions."""


class Labels(NamedTuple):
    """What one movement counts for."""

    movement: MovementLabels
    delays: tuple[DelayLabels, ...]


class Tally(Service):  # type: ignore[misc]
    """Counts by difference: each change as it comes, and what was recovered, once, in small bites.

    It keeps the labels of each own movement, some 200 bytes a movement.
    """

    def __init__(self, metrics: TrackerMetrics) -> None:
        super().__init__()
        self.states: States | None = None
        self._metrics = metrics
        self._labels: dict[str, Labels] = {}
        self._movements: Counter[MovementLabels] = Counter()
        self._delays: Counter[DelayLabels] = Counter()
        self._same: dict[Labels, Labels] = {}

    def observe(self, processor: str, before: object, after: object) -> None:
        """Hear of a change, as the engine tells it."""
        del processor, before
        if isinstance(after, Movement):
            self._count(after)

    @Service.task  # type: ignore[untyped-decorator]
    async def _keep(self) -> None:
        counted: frozenset[int] = frozenset()
        looks = 0
        while not self.should_stop:
            own = self._own()
            if own != counted:
                self._forget()
                counted = own if await self._recount(own) else frozenset()
            if looks % _SHOW_AFTER_LOOKS == 0:
                self._metrics.show(self._movements, self._delays)
            looks += 1
            await self.sleep(_LOOK_SECONDS)

    async def _recount(self, own: frozenset[int]) -> bool:
        """Count what was recovered; false where the partitions changed meanwhile."""
        if self.states is None or not own:
            return not own
        for number, (_, movement) in enumerate(self.states.scan(MovementsProcessor.name)):
            self._count(movement)
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
                # The partitions may be gone, and their stores with them.
                if self._own() != own:
                    self._forget()
                    return False
        return True

    def _own(self) -> frozenset[int]:
        """The own partitions once all are recovered: nobody may look at a half of them."""
        owned = self.states.owned() if self.states is not None else {}
        return frozenset(owned) if all(each.ready for each in owned.values()) else frozenset()

    def _count(self, movement: Movement) -> None:
        history = movement.history
        key, labels = f"{history.kind}/{history.subject_id}", self._shared(labels_of(movement))
        known = self._labels.get(key)
        if labels is known:
            return
        if known is not None:
            self._movements[known.movement] -= 1
            self._delays.subtract(known.delays)
        self._labels[key] = labels
        self._movements[labels.movement] += 1
        self._delays.update(labels.delays)

    def _shared(self, labels: Labels) -> Labels:
        """The same object for equal labels: there are few of them and many movements."""
        return self._same.setdefault(labels, labels)

    def _forget(self) -> None:
        self._labels.clear()
        self._movements.clear()
        self._delays.clear()


def labels_of(movement: Movement) -> Labels:
    """What a movement counts for."""
    delays = (told for told in movement.told if told.is_open)
    return Labels(
        (facts_of(movement.history).state, movement.history.kind),
        tuple((told.delay, told.severity) for told in delays),
    )
