"""Records sent to Kafka as whole batches of their partitions: several times cheaper than singly."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from services.runtime.partition import partition_of
from services.runtime.processor import Record


async def send_all(producer: AIOKafkaProducer, records: Iterable[Record]) -> None:
    """Write keyed records, in order within a partition; returns when all are acknowledged.

    Raises KafkaError; then it is not known which of them are written.
    """
    counts: dict[str, int] = {}
    batches: dict[TopicPartition, Any] = {}
    sent: list[asyncio.Future[object]] = []
    for record in records:
        if record.topic not in counts:
            counts[record.topic] = len(await producer.partitions_for(record.topic))
        number = partition_of(record.key or b"", counts[record.topic])
        place = TopicPartition(record.topic, number)
        batch = batches.get(place)
        if batch is None or not _append(batch, record):
            if batch is not None:
                sent.append(await _ship(producer, place, batch))
            batch = batches[place] = producer.create_batch()
            # An empty batch takes a record of any size.
            _append(batch, record)
    for place, batch in batches.items():
        sent.append(await _ship(producer, place, batch))
    await _acknowledged(sent)


def _append(batch: Any, record: Record) -> bool:
    headers = list(record.headers)
    return (
        batch.append(timestamp=None, key=record.key, value=record.value, headers=headers)
        is not None
    )


async def _ship(
    producer: AIOKafkaProducer, place: TopicPartition, batch: Any
) -> "asyncio.Future[object]":
    batch.close()
    future: asyncio.Future[object] = await producer.send_batch(
        batch, place.topic, partition=place.partition
    )
    return future


async def _acknowledged(sent: Iterable["asyncio.Future[object]"]) -> None:
    for outcome in await asyncio.gather(*sent, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
