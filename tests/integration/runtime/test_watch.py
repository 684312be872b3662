"""A changelog that goes while somebody asks for it."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.broker import EmbeddedBroker
from services.runtime.progress import LostChangelogError
from services.runtime.transaction import reader
from services.runtime.watch import ChangelogWatch


class Late(AIOKafkaConsumer):  # type: ignore[misc]
    """Sees a topic once more than it is there: it goes between this question and the next."""

    gone = "watched-and-gone"
    answers = 1

    async def topics(self) -> set[str]:
        there: set[str] = await super().topics()
        self.answers -= 1
        return {*there, self.gone} if self.answers >= 0 else there


async def test_a_topic_that_goes_between_two_questions_is_missed_soon(
    broker: EmbeddedBroker,
) -> None:
    consumer = Late(bootstrap_servers=broker.bootstrap)
    watch, places = ChangelogWatch(Late.gone), [TopicPartition(Late.gone, 0)]
    await consumer.start()
    try:
        async with asyncio.timeout(25):
            await watch.look(consumer, places)
            await watch.look(consumer, places)
            with pytest.raises(LostChangelogError, match="was deleted"):
                await watch.look(consumer, places)
    finally:
        await consumer.stop()


async def test_a_broker_that_does_not_answer_is_no_evidence(fresh_broker: EmbeddedBroker) -> None:
    consumer = reader(fresh_broker.bootstrap)
    await consumer.start()
    try:
        fresh_broker.stop()
        watch = ChangelogWatch("anything")
        async with asyncio.timeout(60):
            for _ in range(3):
                await watch.look(consumer, [TopicPartition("anything", 0)])
    finally:
        await consumer.stop()
