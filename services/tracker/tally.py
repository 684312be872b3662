"""How many own movements are in which state, how far promises are and what is late, kept up."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, Protocol

from faust import Service

from schemas.vocabulary import SEVERITIES, STAGES, Stage
from services.runtime.engine import Owned
from services.tracker.breakdown import Breakdown, Cell
from services.tracker.cards import Cards
from services.tracker.core.commitment import Commitment
from services.tracker.core.ledger import Number
from services.tracker.core.movement import Movement
from services.tracker.core.publisher import Publisher
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


class Labels(NamedTuple):
    """What one movement or commitment counts for."""

    movement: MovementLabels | None
    delays: tuple[DelayLabels, ...]
    units: tuple[tuple[Stage, Number], ...]
    kind: str
    country: str | None
    agency: str | None

    @property
    def late(self) -> LateLabels | None:
        """Its kind and the severity of its gravest open delay."""
        found = {severity for _, severity in self.delays}
        gravest = next((each for each in reversed(SEVERITIES) if each in found), None)
        return None if gravest is None else (self.kind, gravest)

    @property
    def cells(self) -> list[tuple[Cell, Number]]:
        """What it counts for by country and by agency."""
        late = [(("late", self.late[1]), 1)] if self.late else []
        return [*late, *((("units", stage), number) for stage, number in self.units)]


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
        if known is not None and _alike(known, after):
            return
        was = labels_of(known) if known is not None else None
        if self._meanwhile is not None:
            self._meanwhile.setdefault(after.key, was)
        if was is not None:
            self._count(was, -1)
        self._count(labels_of(after))

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
                self._count(labels)
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

    def _count(self, labels: Labels, sign: int = 1) -> None:
        if labels.movement is not None:
            self._movements[labels.movement] += sign
        for each in labels.delays:
            self._delays[each] += sign
        for stage, number in labels.units:
            self._units[stage] = self._units.get(stage, 0) + sign * number
        if labels.late is not None:
            self._late[labels.late] += sign
        self._countries.count(labels.country, labels.cells, sign)
        self._agencies.count(labels.agency, labels.cells, sign)


def labels_of(subject: Movement | Commitment) -> Labels:
    """What a movement or a commitment counts for."""
    delays = tuple((told.delay, told.severity) for told in subject.told if told.is_open)
    if isinstance(subject, Movement):
        kind, state = subject.history.kind, subject.state
        return Labels((state, kind), delays, (), kind, subject.country, subject.agency)
    promise = subject.promise
    lines = promise.lines if promise.stands else ()
    units = tuple((stage, sum(getattr(x, stage) for x in lines)) for stage in STAGES)
    return Labels(None, delays, units, promise.kind, promise.country, promise.agency)


def _alike(before: Movement | Commitment, after: Movement | Commitment) -> bool:
    """Whether nothing changed of what is counted, as can be told at once."""
    if before.told is not after.told:
        return False
    if isinstance(before, Movement) and isinstance(after, Movement):
        return _counted(before) == _counted(after)
    return False


def _counted(movement: Movement) -> tuple[str, str | None, str | None]:
    return (movement.state, movement.country, movement.agency)
