"""One partition of a service on a real Kafka: safe first, told after."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from services.runtime.clock import Clock
from services.runtime.failpoints import Passing, Point
from services.runtime.job import Job
from services.runtime.logs import logger
from services.runtime.metrics import RuntimeMetrics
from services.runtime.moments import to_ms
from services.runtime.partition import Partition
from services.runtime.processor import Call, Record
from services.runtime.progress import (
    LostChangelogError,
    Offsets,
    Progress,
    UnsafeStateError,
    changes_of,
    encoded,
    positions,
    progress_of,
)
from services.runtime.recovery import Recovery
from services.runtime.settings import RuntimeSettings
from services.runtime.store import BrokenStoreError, Store
from services.runtime.transaction import Transactions

_UNSAVED_LIMIT = 10_000
_DUE_AT_ONCE = 200
_OBEYS_WITHIN_SECONDS = 1.0


@dataclass(frozen=True)
class Surroundings:
    """What an engine and its tasks have in common."""

    settings: RuntimeSettings
    folder: Path
    clock: Clock
    metrics: RuntimeMetrics
    passing: Passing
    tell: Callable[[Call], object]


class Task:
    """States, changelog and transactional producer of one partition; owns nothing it cannot prove.

    `open` before the first record, `handle` each record, `run` beside it flushes, `close` ends.
    """

    def __init__(self, job: Job, number: int, around: Surroundings, cached_keys: int) -> None:
        bootstrap, passing = around.settings.kafka_bootstrap_servers, around.passing
        self.number = number
        self.ready = False
        """Whether records may be handed in: from the end of `open` to the beginning of `close`."""
        self.unsaved = 0
        self.inputs = [TopicPartition(topic, number) for topic in job.inputs]
        self.changelog = TopicPartition(job.changelog, number)
        self.recovery = Recovery(bootstrap, self.changelog, passing)
        self._around = around
        self._offsets: dict[TopicPartition, int] = {}
        self._transactions = Transactions(bootstrap, job, number, passing)
        self._store = Store(around.folder / str(number))
        self.partition = Partition(job, number, self._store, cached_keys, _DUE_AT_ONCE)
        self.read_at: dict[TopicPartition, int] = {}
        """When the record read last was appended, wall ms."""
        self.opened_at = to_ms(around.clock.wall())
        """Since when it reads, wall ms."""
        self.running: asyncio.Future[None]
        """In which it was opened and is run; its engine says so."""
        self._wake = asyncio.Event()
        self._saved = asyncio.Event()

    async def open(self, consumer: AIOKafkaConsumer) -> None:
        """All that must be true before the first record is handled, in this order."""
        # 1. A predecessor, even one that only sleeps, can commit nothing any more.
        await self._transactions.start()
        # 2. So what is committed stays as it is: first the offsets, then the changelog to its end.
        committed = {each: await consumer.committed(each) or 0 for each in self.inputs}
        with self._around.metrics.recovery.time():
            try:
                progress = await self._recover(committed)
            except BrokenStoreError as error:
                self._store.discard(str(error))
                progress = await self._recover(committed)
        # 3. The state belongs to these offsets and to no others.
        self._offsets = await positions(consumer, self.inputs, progress)
        for place, offset in self._offsets.items():
            consumer.seek(place, offset)
        self.ready = True

    async def run(self) -> None:
        """Flush as soon as the last flush has ended and there is something to make safe."""
        try:
            while self.ready or self.unsaved:
                await self._wake.wait()
                self._wake.clear()
                if self.unsaved:
                    with self._around.metrics.stage["flush"].time():
                        await self._flush()
                    self._saved.set()
        finally:
            self._saved.set()

    async def room(self) -> None:
        """Let others run; wait for a flush when too much has come since the last one began."""
        self._saved.clear()
        await (self._saved.wait() if self.unsaved > _UNSAVED_LIMIT else asyncio.sleep(0))

    async def _flush(self) -> None:
        """Make safe what was handled, in this order; a failure anywhere ends the process."""
        effects, offsets, self.unsaved = self.partition.take(), dict(self._offsets), 0
        done = encoded(self.partition.time, offsets, self.partition.keys)
        changes = changes_of(self._store, effects.writes, done)
        # 1. Kafka, all or nothing: outputs, changes, offsets. Only the newest owner gets through.
        end = await self._transactions.commit(effects.outputs, changes, offsets)
        # 2. The disk, which may lag behind the changelog but is never before it.
        if end <= self._store.offset:
            raise LostChangelogError(f"{self.changelog} began anew at {end}")
        self._store.write(changes, end, effects.dropped)
        self._around.passing(Point.STORE_WRITTEN)
        self.partition.settle()
        # 3. The outside world, which cannot be taken back. A crash before this leaves the state
        #    that asks for the call, and with it the moment to try again.
        for call in effects.calls:
            self._around.tell(call)

    def handle(self, place: TopicPartition, records: Sequence[ConsumerRecord]) -> int:
        """Handle records that were read of one input, in order; they are not safe yet.

        Answers how many: much that is due before one of them takes more than one call, or others
        would have to wait for so long that Kafka takes this process for dead.
        """
        if (first := records[0].offset) < self._offsets[place]:
            raise UnsafeStateError(f"{place} began anew at {first}: delete the states")
        topic, number, partition = place.topic, self.number, self.partition
        count, fired, unsaved = 0, partition.fired, self.unsaved
        wall = to_ms(self._around.clock.wall())
        self.unsaved = 0  # for good if this raises: half a record must never be made safe
        for each in records:
            read = Record(topic, each.key, each.value, each.headers, number, each.offset)
            if partition.fired - fired >= _DUE_AT_ONCE or not partition.handle(read, wall):
                break
            count += 1
        if count:
            self._offsets[place] = records[count - 1].offset + 1
            self.read_at[place] = records[count - 1].timestamp
            self._around.metrics.handled.inc(count)
        self._changed(unsaved + count + partition.fired - fired)
        return count

    def tick(self, wall: int) -> bool:
        """For a job on wall time: fire what is due at this moment in ms; False: not yet all."""
        fired, unsaved, self.unsaved = self.partition.fired, self.unsaved, 0  # as above
        done = self.partition.tick(wall)
        self._changed(unsaved + self.partition.fired - fired)
        return done

    async def close(self, *, flush: bool) -> None:
        """Let the flush under way end, make safe the rest, release everything."""
        opened, self.ready = self.ready, False
        self._wake.set()
        while not self.running.done():
            if not opened or not flush:
                self.running.cancel()  # again: Python 3.11's wait_for can lose one (gh-86296)
            await asyncio.wait([self.running], timeout=_OBEYS_WITHIN_SECONDS)
        try:
            await self._transactions.stop()
        finally:
            self._store.close()

    def _changed(self, unsaved: int) -> None:
        self.unsaved = unsaved
        self._wake.set()
        failures, self.partition.failures = self.partition.failures, []
        metrics = self._around.metrics
        for processor, key, record, error in failures:
            (metrics.deadlines_failed if record is None else metrics.buried).inc()
            what = "key is broken" if record is None else "record is buried"
            where = {} if record is None else {"topic": record.topic, "offset": record.offset}
            names = {"processor": processor, "key": repr(key), **where}
            logger(__name__).error(what, **names, exc_info=error)

    async def _recover(self, committed: Offsets) -> Progress:
        await self.recovery.run(self._store)
        progress = progress_of(self._store, committed)
        self.partition.resume(progress.time, progress.keys)
        self._store.forget_hints(progress.time)
        return progress
