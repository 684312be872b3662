"""The partitions of a job, folded anew from its journal, in the order of time across partitions."""

from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.job import Job
from services.runtime.partition import Partition, moment_of, partition_of
from services.runtime.processor import Record
from services.runtime.store import Store
from services.runtime.transaction import record_of

_AT_ONCE = 2_000
_MOST_AHEAD = 5_000

_Ahead = dict[TopicPartition, deque[tuple[int, Record]]]
"""Records of each partition that were read and not handled, with their moments in ms."""


Handed = tuple[str, bytes | None, bytes | None]
"""Topic, key and value of what one partition handed to another."""


class Refolded(NamedTuple):
    """One partition's states, made from the journal; `failures` could not be handled."""

    partition: Partition
    store: Store
    failures: int


class _Fold:
    """One partition with a store of its own."""

    def __init__(self, job: Job, number: int, folder: Path, cached_keys: int) -> None:
        self.store = Store(folder / str(number))
        self.partition = Partition(job, number, self.store, cached_keys)
        self.failures = 0
        self._writes = 0

    def handle(self, record: Record) -> list[Record]:
        """Answers what it wrote because of it."""
        self.partition.handle(record)
        return [each for _, each in self.partition.told()]

    def settle(self) -> None:
        self.failures += len(self.partition.failures)
        self.partition.failures.clear()
        effects = self.partition.take()
        self._writes += 1
        self.store.write(effects.writes, self._writes, effects.dropped)
        self.partition.settle()


async def refold(
    job: Job,
    consumer: AIOKafkaConsumer,
    done: Mapping[TopicPartition, int],
    untaken: Counter[Handed],
    folder: Path,
    cached_keys: int,
) -> dict[int, Refolded]:
    """Fold each partition of the journal up to `done`.

    What one partition hands to another is handed on, but for what is `untaken`: whoever goes on
    takes it, and tells what follows. What is written to the journal stands there already. All
    other outputs, and the calls, were made safe together with the offsets.
    """
    folds = {p.partition: _Fold(job, p.partition, folder, cached_keys) for p in done}
    count = 0
    async for record in _in_time(consumer, done):
        queue = deque([(record.partition or 0, record)])
        while queue:
            number, each = queue.popleft()
            for written in folds[number].handle(each):
                if written.topic not in job.readers or written.topic == job.journal:
                    continue
                handed = (written.topic, written.key, written.value)
                if untaken[handed]:
                    untaken[handed] -= 1
                    continue
                home = partition_of(written.key or b"", job.partitions)
                queue.append((home, written._replace(partition=home)))
        count += 1
        if count % _AT_ONCE == 0:
            _settle(folds)
    _settle(folds)
    return {n: Refolded(each.partition, each.store, each.failures) for n, each in folds.items()}


def _settle(folds: Mapping[int, _Fold]) -> None:
    for fold in folds.values():
        fold.settle()


async def _in_time(
    consumer: AIOKafkaConsumer, done: Mapping[TopicPartition, int]
) -> AsyncIterator[Record]:
    """The journal's records by their moments, each partition in its own order."""
    ahead: _Ahead = {place: deque() for place, at in done.items() if at}
    consumer.assign(list(ahead))
    for place in ahead:
        consumer.seek(place, 0)
    while ahead:
        for place in [p for p, records in ahead.items() if not records]:
            if await consumer.position(place) >= done[place]:
                del ahead[place]  # its last offsets may be markers of transactions
        if not all(ahead.values()):
            await _read(consumer, done, ahead)
        while ahead and all(ahead.values()):
            place = min(ahead, key=lambda p: (ahead[p][0][0], p.partition))
            yield ahead[place].popleft()[1]


async def _read(
    consumer: AIOKafkaConsumer, done: Mapping[TopicPartition, int], ahead: _Ahead
) -> None:
    """Read on, where not much is ahead already."""
    full = [place for place, records in ahead.items() if len(records) > _MOST_AHEAD]
    consumer.pause(*full)
    fetched = await consumer.getmany(timeout_ms=100)
    consumer.resume(*full)
    for place, records in fetched.items():
        taken = (record_of(each) for each in records if each.offset < done[place])
        ahead[place].extend((moment_of(record) or 0, record) for record in taken)
