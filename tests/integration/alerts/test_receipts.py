"""Receipts of calls, on a Kafka that goes away."""

import asyncio
from datetime import timedelta

import pytest

from schemas.topics import RECEIPTS
from services.alerts.receipts import Receipts
from services.alerts.sinks.sink import Answer
from services.cli.broker import EmbeddedBroker
from services.runtime.clock import parse_clock
from services.runtime.processor import Call
from services.runtime.topics import TopicSpec, create_topics

CALL = Call("call-1", "webhook", b"{}", b"shipment/S-1")
ENDS_WITHIN = timedelta(seconds=10)


async def test_who_stops_does_not_wait_for_a_kafka_that_is_away(
    fresh_broker: EmbeddedBroker,
) -> None:
    create_topics(fresh_broker.bootstrap, [TopicSpec.of(RECEIPTS, 1)])
    receipts = Receipts(fresh_broker.bootstrap, parse_clock("wall"))
    await receipts.write(CALL, Answer("ok"))
    fresh_broker.kill()
    writing = asyncio.create_task(receipts.write(CALL, Answer("ok")))
    await asyncio.sleep(1)
    async with asyncio.timeout(ENDS_WITHIN.total_seconds()):
        await receipts.close()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
