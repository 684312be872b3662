"""The one writer of a partition's results: a transactional producer that fences its predecessor."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from services.runtime.batches import Batches, Line
from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.job import Job
from services.runtime.processor import Record

_BATCH_BYTES = 3 * 1024 * 1024
_REQUEST_BYTES = 4 * 1024 * 1024
_FETCH_BYTES = 4 * 1024 * 1024
_TIMEOUT_MS = 10_000
"""After this Kafka gives up the transaction of a dead task, which holds up its readers."""
_COMMIT_SECONDS = 60


class Transactions:
    """Writes outputs, changes and consumed offsets of one task together or not at all."""

    def __init__(self, bootstrap: str, job: Job, number: int, passing: Passing = go_on) -> None:
        self._changelog = TopicPartition(job.changelog, number)
        self._group = job.group
        self._passing = passing
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            transactional_id=job.writer(number),
            transaction_timeout_ms=_TIMEOUT_MS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_REQUEST_BYTES,
        )
        self._batches = Batches(self._producer)

    async def start(self) -> None:
        """From here on a predecessor can write nothing; what it left open is aborted."""
        await self._producer.start()

    async def commit(
        self,
        outputs: Iterable[Record],
        changes: Mapping[bytes, bytes | None],
        offsets: Mapping[TopicPartition, int],
    ) -> int:
        """Write all in one transaction; answers the offset of the last change.

        Any failure, a successor's fence among them, must end the process: then it is not known
        here what is true there. The successor aborts: to do it here might wait for Kafka for good.
        """
        async with asyncio.timeout(_COMMIT_SECONDS):
            await self._producer.begin_transaction()
            self._passing(Point.TRANSACTION_OPEN)
            place = self._changelog
            lines = [await self._batches.line(each, place.partition) for each in outputs]
            lines += [Line(place, key, value) for key, value in changes.items()]
            last = await self._batches.write(lines)
            self._passing(Point.RECORDS_SENT)
            await self._producer.send_offsets_to_transaction(dict(offsets), self._group)
            self._passing(Point.OFFSETS_ADDED)
            await self._producer.commit_transaction()
        self._passing(Point.COMMITTED)
        return last[place]

    async def stop(self) -> None:
        await self._producer.stop()


def record_of(read: ConsumerRecord) -> Record:
    """What a consumer read, as processors take it."""
    return Record(read.topic, read.key, read.value, read.headers, read.partition, read.offset)


def reader(bootstrap: str, **own: Any) -> AIOKafkaConsumer:
    """A consumer that sees what transactions committed, and commits nothing by itself."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=_FETCH_BYTES,
        **own,
    )
