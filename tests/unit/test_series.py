"""However much is sent, and by whomever, a process exposes fewer than 500 series."""

from collections.abc import Iterator
from random import Random

import msgspec
import orjson
from prometheus_client import CollectorRegistry

from schemas.vocabulary import SEVERITIES
from services.alerts.core.policy import Route
from services.alerts.metrics import AlertsMetrics
from services.alerts.sinks import EDGE_SINKS
from services.alerts.survey import Survey
from services.ingest.intake import Intake
from services.ingest.metrics import IngestMetrics
from services.runtime.clock import parse_clock
from services.runtime.engine import Owned
from services.runtime.keys.source import Source
from services.runtime.metrics import RuntimeMetrics
from services.runtime.partition import partition_of
from services.tracker.core.movement import Movement
from services.tracker.core.publisher import Publisher
from tests.support.exposed import LIMIT, registries, series
from tests.support.random_stories import random_story
from tests.support.telling import promise
from tests.unit.alerts.desk import Desk, delay
from tests.unit.ingest.saying import saying
from tests.unit.tracker.test_tally import OWN, Site

EVENTS = 100_000
COUNTRIES = ("EC", "PE", "CO", "BO", "CL", "AR", "UY", "PY", "BR", "GY", "SR", "PA", "CR", "NI")


async def test_the_tracker_after_events_of_thousands_of_agencies() -> None:
    """2,000 events go all the way; then their states change at random, as by 98,000 more.

    What a change counts for is all that a label is made of.
    """
    chance, site = Random(1), Site()
    site.hear(promise("P").committed(30, vest=40))
    assert await site.tally.recount(OWN)
    for number in range(200):
        for word in random_story(chance, 10, f"EC-{number}").words:
            site.hear_word(word)
        promised = promise(f"P-{number}").committed(30, vest=40, by=f"US-{chance.random()}")
        site.hear(promised)
    movements = [state for _, state in site.scan("movements")]
    publishers = [state for _, state in site.scan("publishers")]
    assert movements
    assert publishers
    for _ in range(49_000):
        _moves(site, chance, chance.choice(movements))
        _reports(site, chance, chance.choice(publishers))
    site.tally.show()
    assert len(site.tally._agencies._sums) > 10_000
    assert len(site.tally._cards._cards) > 10_000
    assert 300 < series(site.registry) < LIMIT


def _moves(site: Site, chance: Random, movement: Movement) -> None:
    country, agency = chance.choice(COUNTRIES), f"US-{chance.randrange(50_000)}"
    history = msgspec.structs.replace(movement.history, subject_id=f"EC-{chance.random()}")
    after = msgspec.structs.replace(movement, history=history, country=country, agency=agency)
    site.tally.observe("movements", None, after)


def _reports(site: Site, chance: Random, publisher: Publisher) -> None:
    after = msgspec.structs.replace(publisher, code=f"US-{chance.randrange(50_000)}")
    site.tally.observe("publishers", None, after)


def test_ingest_after_rows_of_all_kinds() -> None:
    chance, clock = Random(1), parse_clock("2026-02-03T20:00:00Z x0.000001")
    registry = CollectorRegistry()
    metrics = IngestMetrics(registry, "kafka", clock)
    source, intake = Source("all", ("*",)), Intake(clock)
    for _ in range(EVENTS // 1000):
        batch = intake.open(source.key_id)
        for _ in range(1000):
            intake.judge(batch, _row(chance), source, "kafka")
        metrics.judged(batch.verdicts)
    counted = registry.get_sample_value("chasqui_events_handled_total", {"service": "ingest"})
    assert counted == EVENTS
    assert series(registry) == series(registries()["ingest-kafka"]) < LIMIT


def _row(chance: Random) -> bytes:
    """An event; one in three lacks, overdoes or misspells something."""
    event = saying(event_id=str(chance.random()), publisher=f"US-{chance.random()}")
    if chance.random() < 0.3:
        name = chance.choice(list(event))
        event[name] = chance.choice(
            (None, "", -1, "x" * 300, "2099-01-01T00:00:00Z", chance.random())
        )
    if chance.random() < 0.1:
        event[f"field_{chance.random()}"] = 1
    return orjson.dumps(event)[: None if chance.random() > 0.01 else chance.randrange(50)]


def test_alerts_after_delays_of_all_kinds() -> None:
    """Alerts take no label from a record but the severity: 3,000 go all the way."""
    chance = Random(1)
    registry = CollectorRegistry()
    metrics = AlertsMetrics(registry)
    RuntimeMetrics(registry, "alerts", ())
    desk = Desk(*(Route(sink) for sink in EDGE_SINKS))
    for number in range(3000):
        whose = {"country": chance.choice(COUNTRIES), "agency": f"US-{chance.random()}"}
        severity = chance.choice(SEVERITIES)
        desk.hear(delay(subject_id=f"EC-{number}", severity=severity, **whose))
    desk.wait()
    Survey(_Owned(desk), frozenset({0, 1}), desk.at, desk.policy).measure(metrics)
    shown = [registry.get_sample_value("chasqui_alerts_open", {"severity": s}) for s in SEVERITIES]
    assert sum(filter(None, shown)) == 3000
    assert series(registry) < LIMIT


class _Owned:
    """All that a desk keeps, as an engine would show it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def owned(self) -> dict[int, Owned]:
        return {number: Owned(ready=True, recovered=0, to_recover=0) for number in (0, 1)}

    def partition_of(self, key: bytes) -> int:
        return partition_of(key, 2)

    def scan(self, processor: str) -> Iterator[tuple[bytes, object]]:
        return self._desk.driver.states(processor)
