"""A service on wall time tells the outside world only what is safe already."""

from datetime import datetime, timedelta

import httpx
import pytest
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.cli.broker import EmbeddedBroker, free_port
from services.runtime.clock import monotonic, parse_clock
from services.runtime.engine import Engine
from services.runtime.job import Job
from services.runtime.metrics import MetricsServer, RuntimeMetrics
from services.runtime.processor import Call, Outcome, Record, Shared
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicSpec
from services.runtime.web import WebServer
from tests.integration.runtime.running import World, eventually_async
from tests.unit.runtime.counting import Count, Counter


class Caller(Counter):
    """Calls when a record comes, and once more a second later."""

    def on_record(
        self, record: Record, state: Count | None, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        call = Call("first", "nowhere", b"", record.key or b"")
        return Outcome(Count(1), now + timedelta(seconds=1), calls=[call])

    def on_deadline(
        self, key: bytes, state: Count, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        return Outcome(Count(2), calls=[Call("again", "nowhere", b"", key)])


async def test_a_call_is_made_when_the_state_that_asks_for_it_is_safe(
    world: World, broker: EmbeddedBroker
) -> None:
    job = Job(world.name, (Caller("calls-wanted"),), 3, "calls-quarantine")
    settings = RuntimeSettings(
        kafka_bootstrap_servers=broker.bootstrap, state_dir=world.folder, partitions=3
    )
    registry = CollectorRegistry()
    made: list[tuple[str, int, float]] = []

    async def execute(call: Call) -> None:
        safe = [each for each in world.read(job.changelog) if each.key == b"counter\0a"]
        made.append((call.call_id, len(safe), monotonic()))
        raise ConnectionError("a call may fail: the state has the moment to try again")

    topics = (TopicSpec("calls-wanted", 3), TopicSpec("calls-quarantine", 3))
    metrics = RuntimeMetrics(registry, job.name, job.inputs)
    clock = parse_clock("wall")
    engine = Engine(job, settings, clock, metrics, topics=topics, execute=execute)
    await engine.start()
    await eventually_async(lambda: engine.ready)
    assert set(engine.owned()) == {0, 1, 2}
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap)
    producer.send("calls-wanted", key=b"a", value=b"x")
    producer.close()
    await eventually_async(lambda: len(made) == 2)
    assert [(call, safe) for call, safe, _ in made] == [("first", 1), ("again", 2)]
    assert made[1][2] - made[0][2] == pytest.approx(1, abs=0.7)
    assert engine.get("counter", b"a") == Count(2)
    assert list(engine.scan("counter")) == [(b"a", Count(2))]
    await engine.stop()
    assert registry.get_sample_value("chasqui_events_handled_total", {"service": job.name}) == 1


async def test_people_and_prometheus_are_answered_from_the_same_loop() -> None:
    settings = RuntimeSettings(http_port=free_port())
    page = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
    registry = CollectorRegistry()
    RuntimeMetrics(registry, "tracker", ["events"])
    web, metrics = WebServer(page, settings), MetricsServer(registry, settings)
    await web.start()
    await metrics.start()
    async with httpx.AsyncClient() as client:

        async def answers() -> str:
            return (await client.get(settings.url)).text

        await eventually_async(lambda: web.serving)
        assert await answers() == "here"
        told = (await client.get(f"http://127.0.0.1:{metrics.port}/metrics")).text
    assert 'chasqui_events_buried_total{reason="broken",service="tracker"} 0.0' in told
    assert 'chasqui_consumer_lag_seconds{topic="events"} 0.0' in told
    await web.stop()
    await metrics.stop()
