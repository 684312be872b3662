"""The one writer of a partition's results: a transactional producer that fences its predecessor."""

import asyncio
from asyncio import Future
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition

from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.partition import partition_of
from services.runtime.processor import Headers, Record

_BATCH_BYTES = 3 * 1024 * 1024
_REQUEST_BYTES = 4 * 1024 * 1024
_TIMEOUT_MS = 10_000
"""After this Kafka gives up the transaction of a dead task, which holds up its readers."""
_COMMIT_SECONDS = 60


class RecordTooLargeError(Exception):
    """One record is larger than a request may be."""


class Line(NamedTuple):
    """A record to be written, with its place."""

    place: TopicPartition
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Transactions:
    """Writes outputs, changes and consumed offsets of one task together or not at all."""

    def __init__(
        self, bootstrap: str, transactional_id: str, group: str, passing: Passing = go_on
    ) -> None:
        self._group = group
        self._passing = passing
        self._counts: dict[str, int] = {}
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            transactional_id=transactional_id,
            transaction_timeout_ms=_TIMEOUT_MS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_REQUEST_BYTES,
        )

    async def start(self) -> None:
        """From here on a predecessor can write nothing; what it left open is aborted."""
        await self._producer.start()

    async def commit(
        self,
        outputs: Iterable[Record],
        changelog: TopicPartition,
        changes: Mapping[bytes, bytes | None],
        offsets: Mapping[TopicPartition, int],
    ) -> int:
        """Write all in one transaction; answers the offset of the last change.

        Any failure, a successor's fence among them, must end the process: then it is not known
        here what is true there.
        """
        async with asyncio.timeout(_COMMIT_SECONDS), self._producer.transaction():
            self._passing(Point.TRANSACTION_OPEN)
            lines = [
                Line(await self._place(r, changelog), r.key, r.value, r.headers) for r in outputs
            ]
            lines += [Line(changelog, key, value) for key, value in changes.items()]
            last = await self._send(lines)
            self._passing(Point.RECORDS_SENT)
            await self._producer.send_offsets_to_transaction(dict(offsets), self._group)
            self._passing(Point.OFFSETS_ADDED)
        self._passing(Point.COMMITTED)
        return last[changelog]

    async def stop(self) -> None:
        await self._producer.stop()

    async def _place(self, record: Record, home: TopicPartition) -> TopicPartition:
        topic = record.topic
        if topic not in self._counts:
            self._counts[topic] = len(await self._producer.partitions_for(topic))
        count = self._counts[topic]
        if record.key is None:
            return TopicPartition(topic, home.partition % count)
        return TopicPartition(topic, partition_of(record.key, count))

    async def _send(self, lines: Iterable[Line]) -> dict[TopicPartition, int]:
        """Whole batches instead of single records: several times cheaper."""
        batches: dict[TopicPartition, Any] = {}
        sent: list[tuple[TopicPartition, int, Future[Any]]] = []
        for line in lines:
            batch = batches.get(line.place) or self._producer.create_batch()
            if not _append(batch, line):
                sent.append(await self._ship(line.place, batch))
                batch = self._producer.create_batch()
                if not _append(batch, line):
                    raise RecordTooLargeError(f"{line.place}: {line.key!r}")
            batches[line.place] = batch
        sent += [await self._ship(place, batch) for place, batch in batches.items()]
        return {place: (await future).offset + count - 1 for place, count, future in sent}

    async def _ship(
        self, place: TopicPartition, batch: Any
    ) -> tuple[TopicPartition, int, Future[Any]]:
        batch.close()
        future = await self._producer.send_batch(batch, place.topic, partition=place.partition)
        return place, batch.record_count(), future


def _append(batch: Any, line: Line) -> bool:
    headers = list(line.headers)
    return batch.append(key=line.key, value=line.value, timestamp=None, headers=headers) is not None
