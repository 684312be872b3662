"""What sinks answered is written down on a Kafka that goes away."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from schemas.topics import RECEIPTS
from services.alerts.calling import Calling
from services.alerts.metrics import AlertsMetrics
from services.alerts.sinks.sink import Answer
from services.cli.broker import EmbeddedBroker
from services.cli.log_reader import last_words
from services.runtime.clock import parse_clock
from services.runtime.processor import Call
from services.runtime.topics import TopicSpec, create_topics

CALLS = [Call(f"call-{n}", "webhook", b"{}", f"shipment/S-{n}".encode()) for n in range(2)]
ENDS_WITHIN = timedelta(seconds=10)
COMES_BACK_WITHIN = timedelta(seconds=60)


class Taking:
    """A sink that takes everything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def take(self, call: Call) -> Answer:
        self.taken.append(call.call_id)
        return Answer("ok")

    async def close(self) -> None:
        """Nothing to release."""


async def calling_on(broker: EmbeddedBroker, sink: Taking) -> Calling:
    create_topics(broker.bootstrap, [TopicSpec.of(RECEIPTS, 1)])
    metrics = AlertsMetrics(CollectorRegistry())
    calling = Calling({"webhook": sink}, broker.bootstrap, parse_clock("wall"), metrics)
    await calling.on_start()
    await calling.execute(CALLS[0])
    return calling


async def test_who_stops_does_not_wait_for_a_kafka_that_is_away(
    fresh_broker: EmbeddedBroker,
) -> None:
    calling = await calling_on(fresh_broker, Taking())
    fresh_broker.kill()
    call = asyncio.create_task(calling.execute(CALLS[1]))
    await asyncio.sleep(1)
    async with asyncio.timeout(ENDS_WITHIN.total_seconds()):
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await calling.on_stop()


async def test_a_call_is_under_way_until_kafka_has_its_receipt(
    fresh_broker: EmbeddedBroker,
) -> None:
    sink = Taking()
    calling = await calling_on(fresh_broker, sink)
    fresh_broker.kill()
    call = asyncio.create_task(calling.execute(CALLS[1]))
    await asyncio.sleep(1)
    await calling.execute(CALLS[1])  # the state asks for it again
    assert not call.done()
    await asyncio.to_thread(fresh_broker.start)
    async with asyncio.timeout(COMES_BACK_WITHIN.total_seconds()):
        await call
    await calling.on_stop()
    assert sink.taken == ["call-0", "call-1"]
    receipts = map(msgspec.json.decode, last_words(fresh_broker.bootstrap, RECEIPTS.full_name))
    assert {receipt["call_id"] for receipt in receipts} == {"call-0", "call-1"}
