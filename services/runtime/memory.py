"""The in-memory driver: jobs joined in one process, with the clock in the caller's hand."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from typing import Any

from services.runtime.deadlines import Hint
from services.runtime.effects import Failure
from services.runtime.job import Job
from services.runtime.moments import from_ms, to_ms
from services.runtime.partition import Partition, moment_of, partition_of
from services.runtime.processor import Call, Record
from services.runtime.stored import deadline_of


class MemoryStore(dict[bytes, bytes]):
    """Encoded states in a dict."""

    def scan(self, prefix: bytes, since: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        found = (pair for pair in self.items() if pair[0].startswith(prefix) and pair[0] >= since)
        return iter(sorted(found))

    def hints(self, since: Hint) -> Iterator[Hint]:
        deadlines = {key: deadline_of(value) for key, value in self.items()}
        known = (Hint(at, key) for key, at in deadlines.items() if at is not None)
        return iter(sorted(hint for hint in known if hint >= since))


class MemoryDriver:
    """Runs the processors of some jobs exactly as the engine does, without Kafka.

    What one job writes to a topic that a job reads is handed on at once, at the moment it was
    written; but what it writes to its journal is not, where the journal is told as a whole.
    `outputs`, `calls` and `failures` collect everything, in order.
    """

    def __init__(self, *jobs: Job, whole_journal: bool = False, cached_keys: int = 50_000) -> None:
        """`cached_keys` of each partition stay decoded after a flush."""
        self.outputs: list[Record] = []
        self.calls: list[Call] = []
        self.failures: list[Failure] = []
        self._jobs = jobs
        self._cached_keys = cached_keys
        self._told_already = {job.journal for job in jobs} if whole_journal else set()
        self._stores: dict[tuple[str, int], MemoryStore] = defaultdict(MemoryStore)
        self._partitions: dict[tuple[str, int], Partition] = {}
        self._offsets: dict[tuple[str, int], int] = defaultdict(int)
        self._homes: dict[bytes, int] = {}
        self._wall = 0

    def feed(self, record: Record, wall: datetime | None = None) -> list[Record]:
        """Hand in one record; answers what was written because of it, in order.

        It goes to its own partition, else to that of its key. `wall` is the time for jobs without
        a journal; by default the moment in the record's header `at`, or the last known.
        """
        at = moment_of(record) if wall is None else to_ms(wall)
        return self._run([(at or self._wall, record)])

    def place(self, records: Iterable[Record]) -> None:
        """Know where a journal has its keys before others write to them."""
        self._homes |= {r.key: r.partition for r in records if r.key and r.partition is not None}

    def tick(self, at: datetime, partition: int | None = None) -> list[Record]:
        """Move time in one partition, or in all that have seen a record, and fire what is due."""
        for job in self._jobs:
            if partition is not None:
                self._partition(job, partition)
        self._wall = max(self._wall, to_ms(at))
        written: list[Record] = []
        journals = {job.name: job.journal for job in self._jobs}
        for (name, number), each in sorted(self._partitions.items()):
            if partition in {None, number}:
                if journals[name] is not None:
                    written += self._pass_time(each, to_ms(at))
                written += self._tick(each, to_ms(at))
        return written

    def wait(self, wall: datetime) -> None:
        """Let wall time alone go on, for jobs without a journal."""
        for (name, _), each in sorted(self._partitions.items()):
            if any(job.name == name and job.journal is None for job in self._jobs):
                _let_pass(each, to_ms(wall))
                self._run(self._new_to_jobs(self._collect(each)))

    def flush(self) -> None:
        """Keep all states as bytes, as the engine does, and forget what was collected."""
        for at, partition in self._partitions.items():
            self._keep(at, partition)
            partition.settle()
        self.outputs, self.calls, self.failures = [], [], []

    def time(self, job: str, partition: int = 0) -> datetime:
        """The partition's time."""
        return from_ms(self._partitions[job, partition].time)

    def state(self, processor: str, key: bytes) -> Any | None:
        found = (each.get(processor, key) for each in self._running(processor))
        return next((state for state in found if state is not None), None)

    def states(self, processor: str) -> Iterator[tuple[bytes, Any]]:
        """All keys and states of a processor, in the order of the keys."""
        running = self._running(processor)
        return merge(*(each.scan(processor) for each in running), key=_key)

    def restart(self) -> None:
        """Go on from the encoded states alone, as after a crash."""
        for (name, number), old in list(self._partitions.items()):
            job = next(each for each in self._jobs if each.name == name)
            store = self._keep((name, number), old)
            new = self._partitions[name, number] = Partition(job, number, store, self._cached_keys)
            new.resume(old.time, old.keys)

    def _keep(self, at: tuple[str, int], partition: Partition) -> MemoryStore:
        """Its store, with all that changed since the last time."""
        store = self._stores[at]
        for key, value in partition.take().writes.items():
            store.pop(key, None) if value is None else store.update({key: value})
        return store

    def _run(self, records: list[tuple[int, Record]]) -> list[Record]:
        queue, written = deque(records), []
        while queue:
            wall, record = queue.popleft()
            self._wall = max(self._wall, wall)
            for job in self._jobs:
                if record.topic in job.readers:
                    partition, placed = self._place(job, record)
                    if record.topic == job.journal:
                        written += self._pass_time(partition, moment_of(record) or 0)
                    elif job.journal is None:
                        _let_pass(partition, wall)
                    partition.handle(placed, wall)
                    emitted = self._collect(partition)
                    queue.extend(self._new_to_jobs(emitted))
                    written += [each for _, each in emitted]
        return written

    def _pass_time(self, partition: Partition, until: int) -> list[Record]:
        """What falls due before that moment in ms is told before time goes on, as by ticks."""
        written: list[Record] = []
        while (due := partition.deadlines.first()) is not None and due < until:
            written += self._tick(partition, due)
        return written

    def _tick(self, partition: Partition, at: int) -> list[Record]:
        partition.tick(at)
        written = self._collect(partition)
        return [record for _, record in written] + self._run(self._new_to_jobs(written))

    def _new_to_jobs(self, written: list[tuple[int, Record]]) -> list[tuple[int, Record]]:
        return [each for each in written if each[1].topic not in self._told_already]

    def _collect(self, partition: Partition) -> list[tuple[int, Record]]:
        emitted = partition.told()
        self.outputs += [record for _, record in emitted]
        self.calls += partition.calls
        self.failures += partition.failures
        partition.calls, partition.failures = [], []
        return emitted

    def _place(self, job: Job, record: Record) -> tuple[Partition, Record]:
        number, key = record.partition, record.key or b""
        if number is None:
            number = self._homes.get(key) if key else 0
        if number is None:
            number = partition_of(key, job.partitions)
        if key:
            # How many partitions a journal had is not told in it, but where each of its keys was.
            self._homes[key] = number
        offset = record.offset
        if offset is None:
            offset = self._offsets[record.topic, number]
        self._offsets[record.topic, number] = offset + 1
        placed = record._replace(partition=number, offset=offset)
        return self._partition(job, number), placed

    def _partition(self, job: Job, number: int) -> Partition:
        at = (job.name, number)
        if at not in self._partitions:
            self._partitions[at] = Partition(job, number, self._stores[at], self._cached_keys)
        return self._partitions[at]

    def _running(self, processor: str) -> list[Partition]:
        names = {
            job.name for job in self._jobs if processor in {p.name for p in job.all_processors}
        }
        return [each for (name, _), each in sorted(self._partitions.items()) if name in names]


def _let_pass(partition: Partition, wall: int) -> None:
    """Wall time does not jump where all is well: what is due until then is done when it is."""
    while (due := partition.deadlines.first()) is not None and due < wall:
        partition.tick(due)


def _key(pair: tuple[bytes, Any]) -> bytes:
    return pair[0]
