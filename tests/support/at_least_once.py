"""The service with an ordered at-least-once commit instead of transactions, to compare the two.

`python -m tests.support.at_least_once tracker` runs the real service's program on it; the name of
any other module runs that.
"""

import asyncio
import runpy
import sys
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.runtime import engine, task
from services.runtime.batches import Batches, Line
from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.job import Job
from services.runtime.processor import Record
from services.runtime.transaction import _BATCH_BYTES, _COMMIT_SECONDS, _REQUEST_BYTES
from services.runtime.transaction import Transactions as Exactly


class InOrder(Exactly):
    """Outputs, then changes, then offsets, each when the one before is acknowledged.

    A crash between two of them repeats outputs. Nothing fences a predecessor but the group: what
    is committed already is committed again before the changelog is written, which Kafka refuses
    to a member that was expelled; one that pauses just behind that overwrites its successor.
    """

    consumer: AIOKafkaConsumer

    def __init__(self, bootstrap: str, job: Job, number: int, passing: Passing = go_on) -> None:
        self._changelog = TopicPartition(job.changelog, number)
        self._passing = passing
        self._done: dict[TopicPartition, int] = {}
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=job.writer(number),
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_REQUEST_BYTES,
        )
        self._batches = Batches(self._producer)

    async def commit(
        self,
        outputs: Iterable[Record],
        changes: Mapping[bytes, bytes | None],
        offsets: Mapping[TopicPartition, int],
    ) -> int:
        """Write all in order; answers the offset of the last change."""
        async with asyncio.timeout(_COMMIT_SECONDS):
            self._passing(Point.TRANSACTION_OPEN)
            place = self._changelog
            lines = [await self._batches.line(each, place.partition) for each in outputs]
            await self._batches.write(lines)
            await self._commit(self._done)
            last = await self._batches.write(Line(place, k, v) for k, v in changes.items())
            self._passing(Point.RECORDS_SENT)
            await self._commit(offsets)
            self._passing(Point.OFFSETS_ADDED)
        self._passing(Point.COMMITTED)
        return last[place]

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if offsets:
            await self.consumer.commit(dict(offsets))
            self._done = dict(offsets)


class Task(task.Task):
    """A task whose commits go through the engine's own membership of the group."""

    async def open(self, consumer: AIOKafkaConsumer) -> None:
        assert isinstance(self._transactions, InOrder)
        self._transactions.consumer = consumer
        await super().open(consumer)


def main() -> None:
    name = sys.argv.pop(1)
    setattr(task, "Transactions", InOrder)  # noqa: B010 - what mypy takes for a mistake is meant
    setattr(engine, "Task", Task)  # noqa: B010
    module = name if "." in name else f"services.{name}"
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
