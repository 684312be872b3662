"""Field systems that write their reports to Kafka themselves, and wait for the journal."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.topics import EVENTS, FIELD_REPORTS


async def written_and_admitted(bootstrap: str, told: Sequence[bytes], key: str) -> None:
    """Write the events as field reports; returns when the journal has got as many."""
    headers = [("key", key.encode())]
    async with (
        AIOKafkaProducer(bootstrap_servers=bootstrap) as producer,
        AIOKafkaConsumer(bootstrap_servers=bootstrap) as consumer,
    ):
        until = await _events(producer, consumer) + len(told)
        for event in told:
            await producer.send(FIELD_REPORTS.full_name, event, headers=headers)
        await producer.flush()
        while await _events(producer, consumer) < until:  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.05)


async def _events(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> int:
    topic = EVENTS.full_name
    places = [TopicPartition(topic, number) for number in await producer.partitions_for(topic)]
    return sum((await consumer.end_offsets(places)).values())
