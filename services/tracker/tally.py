"""How many own movements are in which state, how far promises are and what is late, kept up."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Protocol

from faust import Service

from schemas.vocabulary import Stage
from services.runtime.engine import Owned
from services.tracker.breakdown import Breakdown
from services.tracker.cards import Cards
from services.tracker.core.commitment import Commitment
from services.tracker.core.ledger import Number
from services.tracker.core.movement import Movement
from services.tracker.core.publisher import Publisher
from services.tracker.labels import Labels, Sides, alike, labels_of
from services.tracker.metrics import DelayLabels, LateLabels, MovementLabels, TrackerMetrics
from services.tracker.processors import CommitmentsProcessor, MovementsProcessor
from services.tracker.publishers import PublishersProcessor

_LOOK_SECONDS = 0.1
_SHOW_AFTER_LOOKS = 10
_CHUNK = 50
_SCANNED = (PublishersProcessor.name, MovementsProcessor.name, CommitmentsProcessor.name)


class States(Protocol):
    """The part of the engine that lets one look at what is owned here."""

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance."""

    def scan(self, processor: str) -> Iterator[tuple[bytes, Movement | Commitment | Publisher]]:
        """All keys and states of own partitions."""


class Tally(Service):  # type: ignore[misc]
    """Counts by difference: each change as it comes, and what was recovered, once, in small bites.

    It keeps nothing of a subject, but while it counts what was recovered: then, of each that
    changes meanwhile, what it counted for when that began.
    """

    def __init__(self, metrics: TrackerMetrics) -> None:
        super().__init__()
        self.states: States | None = None
        self._metrics = metrics
        self._movements: Counter[MovementLabels] = Counter()
        self._delays: Counter[DelayLabels] = Counter()
        self._late: Counter[LateLabels] = Counter()
        self._units: dict[Stage, Number] = {}
        self._countries, self._agencies, self._cards = Breakdown(), Breakdown(), Cards()
        self._meanwhile: dict[bytes, Labels | None] | None = None
        self._begun = False
        """False while nobody has begun to count what is owned: then changes say nothing."""
        self._complete = False

    def observe(self, processor: str, before: object, after: object) -> None:
        """Hear of a change, as the engine tells it."""
        del processor
        if self._begun and isinstance(after, Publisher):
            self._cards.observe(before if isinstance(before, Publisher) else None, after)
        if not self._begun or not isinstance(after, Movement | Commitment):
            return
        known = before if isinstance(before, Movement | Commitment) else None
        if known is not None and alike(known, after):
            return
        was = labels_of(known) if known is not None else None
        if self._meanwhile is not None:
            self._meanwhile.setdefault(after.key, was)
        self._replace(was, labels_of(after))

    def show(self) -> None:
        """Set the gauges, but to no half of a count."""
        if self._complete:
            self._metrics.show(self._movements, self._delays, self._late, self._units)
            self._metrics.by_country.show(self._countries.shown())
            self._metrics.by_agency.show(self._agencies.shown())
            self._metrics.publishers.show(self._cards.shown(), *self._cards.count())

    async def recount(self, own: frozenset[int]) -> bool:
        """Count what was recovered; false where the partitions changed meanwhile."""
        sums = (self._movements, self._delays, self._late, self._units)
        for each in (*sums, self._countries, self._agencies, self._cards):
            each.clear()
        self._complete = not own or await self._count_all(own)
        self._begun, self._meanwhile = self._complete and bool(own), None
        return self._complete

    async def _count_all(self, own: frozenset[int]) -> bool:
        if self.states is None:
            return False
        self._meanwhile = changed = dict[bytes, Labels | None]()
        self._begun, self._complete = True, False
        scans = (self.states.scan(name) for name in _SCANNED)
        for number, (key, state) in enumerate(chain.from_iterable(scans)):
            if isinstance(state, Publisher):
                self._cards.recovered(state)
            elif (labels := changed[key] if key in changed else labels_of(state)) is not None:
                self._replace(None, labels)
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
                # The partitions may be gone, and their stores with them.
                if self._own() != own:
                    return False
        return True

    @Service.task  # type: ignore[untyped-decorator]
    async def _keep(self) -> None:
        counted: frozenset[int] = frozenset()
        looks = 0
        while not self.should_stop:
            own = self._own()
            if own != counted:
                counted = own if await self.recount(own) else frozenset()
            if looks % _SHOW_AFTER_LOOKS == 0:
                self.show()
            looks += 1
            await self.sleep(_LOOK_SECONDS)

    def _own(self) -> frozenset[int]:
        """The own partitions once all are recovered: nobody may look at a half of them."""
        owned = self.states.owned() if self.states is not None else {}
        return frozenset(owned) if all(each.ready for each in owned.values()) else frozenset()

    def _replace(self, was: Labels | None, now: Labels) -> None:
        """Count a subject for what it is now, and no more for what it was."""
        if was is not None:
            self._count(was, -1)
        self._count(now)
        if was is None or was.sides != now.sides:  # else most of what follows is for nothing
            if was is not None:
                self._count_sides(was.sides, -1)
            self._count_sides(now.sides)

    def _count(self, labels: Labels, sign: int = 1) -> None:
        if labels.movement is not None:
            self._movements[labels.movement] += sign
        for each in labels.delays:
            self._delays[each] += sign

    def _count_sides(self, sides: Sides, sign: int = 1) -> None:
        for stage, number in sides.units:
            self._units[stage] = self._units.get(stage, 0) + sign * number
        if sides.late is not None:
            self._late[sides.kind, sides.late] += sign
        self._countries.count(sides.country, sides.cells, sign)
        self._agencies.count(sides.agency, sides.cells, sign)
