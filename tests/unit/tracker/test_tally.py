"""The gauges after a start: what was recovered and what changes while it is counted."""

import asyncio
from collections.abc import Iterator

from prometheus_client import CollectorRegistry

from schemas.vocabulary import STAGES
from services.runtime.engine import Owned
from services.runtime.memory import MemoryDriver
from services.runtime.metrics import RuntimeMetrics
from services.tracker.core.movement import Movement
from services.tracker.job import create_job
from services.tracker.metrics import TrackerMetrics
from services.tracker.tally import Tally
from tests.support.hearing import journal_record
from tests.support.telling import Story, Word, promise, shipment

OWN = frozenset({0})
HALF = 60


class Site:
    """The tracker in memory, and its tally beside it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        runtime = RuntimeMetrics(self.registry, "tracker", ())
        self.tally = Tally(TrackerMetrics(self.registry, runtime))
        self.tally.states = self
        self.driver = MemoryDriver(create_job(1, self.tally.observe))

    def owned(self) -> dict[int, Owned]:
        return {0: Owned(ready=True, recovered=0, to_recover=0)}

    def scan(self, processor: str) -> Iterator[tuple[bytes, Movement]]:
        return self.driver._running(processor)[0].scan(processor)

    def hear(self, *stories: Story) -> None:
        for story in stories:
            self.hear_word(story.words[-1])

    def hear_word(self, word: Word) -> None:
        self.driver.feed(journal_record(word.event, word.heard_at))

    def units(self) -> list[float | None]:
        self.tally.show()
        return [self.read("commitments_units", stage=stage) for stage in STAGES]

    def count(self, state: str) -> float | None:
        self.tally.show()
        return self.read("movements", state=state, kind="shipment")

    def read(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"chasqui_{name}", labels)


def story(number: int) -> Story:
    return shipment(f"EC-{number:03d}").registered(vest=1)


async def test_a_change_in_the_middle_of_the_count_is_counted_once() -> None:
    site = Site()
    site.hear(*(story(number) for number in range(2 * HALF)))
    counting = asyncio.create_task(site.tally.recount(OWN))
    await asyncio.sleep(0)  # the first few are counted
    early, late, new = story(0), story(2 * HALF - 1), story(3 * HALF)
    site.hear(early.departed(1), late.departed(1), new)
    assert await counting
    assert site.count("in_transit") == 2
    assert site.count("planned") == 2 * HALF - 1


async def test_to_count_again_gives_the_same() -> None:
    site = Site()
    site.hear(story(1), story(2), story(2).departed(1))
    for _ in range(2):
        assert await site.tally.recount(OWN)
        assert (site.count("planned"), site.count("in_transit")) == (1, 1)


async def test_what_changes_before_it_is_counted_never_makes_less_than_nothing() -> None:
    site = Site()
    site.hear(story(1), story(2))
    assert await site.tally.recount(OWN)
    assert await site.tally.recount(frozenset())  # one more partition came, and recovers
    site.hear(story(1).departed(1))
    assert (site.count("planned"), site.count("in_transit")) == (0, 0)
    assert await site.tally.recount(OWN)
    assert (site.count("planned"), site.count("in_transit")) == (1, 1)


async def test_promises_count_goods_and_people_alike_as_long_as_they_stand() -> None:
    site = Site()
    promised = promise("P").committed(30, vest=40, trainer=2)
    movement = shipment("EC-1").registered(vest=30, commitment="P")
    site.hear(promised, movement)
    for _ in range(2):
        assert await site.tally.recount(OWN)
        assert site.units() == [42, 30, 0, 0, 0]
    site.hear(movement.departed(2))
    assert site.units() == [42, 30, 30, 0, 0]
    site.hear(movement.handed_over(3, 30))
    assert site.units() == [42, 30, 0, 30, 0]
    site.hear(promised.cancelled(4))
    assert site.units() == [0, 0, 0, 0, 0]
