"""Records written to Kafka in whole batches of their partitions, far cheaper than singly."""

from asyncio import Future, gather
from collections.abc import Iterable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition

from services.runtime.partition import partition_of
from services.runtime.processor import Headers, Record


class Line(NamedTuple):
    """A record to be written, with its place."""

    place: TopicPartition
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Batches:
    """Writes through one producer, in order within a partition."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._counts: dict[str, int] = {}

    async def line(self, record: Record, home: int = 0) -> Line:
        """The record with its place: as it says, by its key, or beside the partition `home`."""
        topic, key = record.topic, record.key
        if topic not in self._counts:
            self._counts[topic] = len(await self._producer.partitions_for(topic))
        count = self._counts[topic]
        number = record.partition
        if number is None:
            number = home % count if key is None else partition_of(key, count)
        return Line(TopicPartition(topic, number), key, record.value, record.headers)

    async def write(self, lines: Iterable[Line]) -> dict[TopicPartition, int]:
        """Answers the last offset in each partition, when all is acknowledged.

        Raises KafkaError; then it is not known which of them are written.
        """
        batches: dict[TopicPartition, Any] = {}
        sent: list[tuple[TopicPartition, int, Future[Any]]] = []
        for line in lines:
            batch = batches.get(line.place)
            if batch is None or not _append(batch, line):
                if batch is not None:
                    sent.append(await self._ship(line.place, batch))
                batch = batches[line.place] = self._producer.create_batch()
                _append(batch, line)  # an empty batch takes a record of any size
        sent += [await self._ship(place, batch) for place, batch in batches.items()]
        outcomes = await gather(*(future for *_, future in sent), return_exceptions=True)
        last = {}
        for (place, count, _), outcome in zip(sent, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            last[place] = outcome.offset + count - 1
        return last

    async def _ship(
        self, place: TopicPartition, batch: Any
    ) -> tuple[TopicPartition, int, Future[Any]]:
        batch.close()
        future = await self._producer.send_batch(batch, place.topic, partition=place.partition)
        return place, batch.record_count(), future


def _append(batch: Any, line: Line) -> bool:
    headers = list(line.headers)
    return batch.append(key=line.key, value=line.value, timestamp=None, headers=headers) is not None
