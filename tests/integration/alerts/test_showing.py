"""The loop that shows level sinks what stands, at a recording server and over states in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
from prometheus_client import CollectorRegistry

from services.alerts.metrics import AlertsMetrics
from services.alerts.showing import Showing
from services.alerts.sinks import LEVEL_SINKS
from services.runtime.engine import Owned
from services.runtime.partition import partition_of
from tests.integration.alerts.receiver import Receiver
from tests.unit.alerts.desk import Desk, delay

EVERY = timedelta(seconds=0.4)


class Held:
    """The desk's states, as an instance that owns them all, or none."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.ready = True

    def owned(self) -> dict[int, Owned]:
        return {number: Owned(self.ready, 0, 0) for number in range(2)}

    def partition_of(self, key: bytes) -> int:
        return partition_of(key, 2)

    def scan(self, processor: str) -> Iterator[tuple[bytes, object]]:
        yield from self.desk.driver.states(processor)


@asynccontextmanager
async def showing(desk, settings, clock):
    metrics = AlertsMetrics(CollectorRegistry())
    sinks = {"alertmanager": LEVEL_SINKS["alertmanager"](settings, clock)}
    loop = Showing(sinks, desk.policy, clock, metrics, EVERY)
    loop.states = Held(desk)
    await loop.start()
    try:
        yield loop
    finally:
        await loop.stop()


def opened(clock) -> Desk:
    desk = Desk()
    desk.at = clock.wall()
    desk.hear(delay())
    desk.wait()
    return desk


def alertnames(receiver: Receiver, since: int = 0) -> list[list[str]]:
    bodies = [msgspec.json.decode(r.body) for r in receiver.requests[since:]]
    return [sorted(alert["labels"]["alertname"] for alert in body) for body in bodies]


async def test_everything_is_shown_again_and_again_with_the_watchdog(settings, receiver, clock):
    async with showing(opened(clock), settings, clock):
        await asyncio.sleep(2)
    assert len(receiver.requests) >= 3
    assert alertnames(receiver) == [["DeliveryOverdue", "Watchdog"]] * len(receiver.requests)


async def test_nothing_is_shown_of_partitions_that_are_lost(settings, receiver, clock):
    async with showing(opened(clock), settings, clock) as loop:
        await asyncio.sleep(0.3)
        loop.states.ready = False
        await asyncio.sleep(0.5)
        seen = len(receiver.requests)
        await asyncio.sleep(1)
        assert len(receiver.requests) == seen > 0


async def test_a_change_is_shown_at_once(settings, receiver, clock):
    desk = opened(clock)
    slow = settings.model_copy()
    async with showing(desk, slow, clock) as loop:
        await asyncio.sleep(0.2)
        loop._every = 3600
        await asyncio.sleep(0.6)
        before, seen = desk.book(), len(receiver.requests)
        desk.hear(delay(does="cleared", seq=2))
        loop.observe(before, desk.book())
        await asyncio.sleep(0.6)
    assert alertnames(receiver, seen) == [["DeliveryOverdue"]]
    (body,) = [msgspec.json.decode(r.body) for r in receiver.requests[seen:]]
    assert body[0]["endsAt"] < clock.wall().isoformat() or desk.at > clock.wall()


async def test_an_end_that_could_not_be_shown_is_shown_until_it_is_taken(settings, receiver, clock):
    desk = opened(clock)
    desk.hear(delay(does="cleared", seq=2))
    receiver.behaviours = [503, 503]
    async with showing(desk, settings, clock):
        await asyncio.sleep(0.2)
        desk.wait(timedelta(minutes=16))
        assert desk.book().alerts == ()
        await asyncio.sleep(2)
    names = alertnames(receiver)
    assert names[:3] == [["DeliveryOverdue", "Watchdog"]] * 3
    assert names[3:] == [["Watchdog"]] * len(names[3:])
    assert len(names) > 3


async def test_the_gauges_count_what_is_open_and_what_is_owed(settings, receiver, clock):
    desk = opened(clock)
    async with showing(desk, settings, clock) as loop:
        await asyncio.sleep(0.5)
        assert loop._metrics.open["warning"]._value.get() == 1
        assert loop._metrics.open["critical"]._value.get() == 0
        assert loop._metrics.outbox["log"][0]._value.get() == 1


async def test_the_gauges_count_nothing_of_partitions_that_are_lost(settings, receiver, clock):
    async with showing(opened(clock), settings, clock) as loop:
        await asyncio.sleep(0.5)
        assert loop._metrics.open["warning"]._value.get() == 1
        loop.states.ready = False
        await asyncio.sleep(0.7)
        assert loop._metrics.open["warning"]._value.get() == 0
        assert loop._metrics.outbox["log"][0]._value.get() == 0
