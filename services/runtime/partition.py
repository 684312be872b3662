"""What happens in one partition, in which order and at which moment: the heart of every driver."""

import sys
from collections.abc import Iterator
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any

from aiokafka.partitioner import murmur2

from services.runtime.burying import buried
from services.runtime.deadlines import Deadlines, Hint
from services.runtime.effects import Effects, Failure
from services.runtime.job import Job
from services.runtime.joining import Joining
from services.runtime.moments import LAST_MS, from_ms, to_ms
from services.runtime.processor import Call, Outcome, Processor, Record, Shared
from services.runtime.stored import Entry, Stored, decode, encode, split, stored_key

BROADCAST_KEY = b""
"""Under which the one state of the broadcast processor is kept."""


class DeadlineError(Exception):
    """A processor asked to be called again at a moment that is not later: an endless loop."""


@lru_cache(maxsize=100_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partition of a key."""
    return (int(murmur2(key)) & 0x7FFFFFFF) % partitions


def moment_of(record: Record) -> int | None:
    """The moment in ms that a journal record carries in its header `at`; None if it has none."""
    for name, value in record.headers:
        if name == "at" and value and value.isdigit() and (at := int(value[:16])) <= LAST_MS:
            return at
    return None


class Partition:
    """The states, deadlines and time of one partition of a job; synchronous and without I/O.

    Changes collect in an overlay until `take` hands them out and `settle` says they are safe.
    """

    def __init__(
        self,
        job: Job,
        number: int,
        stored: Stored,
        cached_keys: int = 50_000,
        at_once: int = sys.maxsize,
    ) -> None:
        """`at_once` is how many deadlines one call may fire."""
        self.number = number
        self.time = 0
        self.fired = 0
        """How many deadlines were fired so far."""
        self.keys = 0
        self.deadlines = Deadlines(self)
        self.emitted: list[tuple[int, Record]] = []
        self.calls: list[Call] = []
        self.failures: list[Failure] = []
        self._job = job
        self._by_name = {each.name.encode(): each for each in job.all_processors}
        self._stored = stored
        self._cached_keys = cached_keys
        self._at_once = at_once
        self._dirty: dict[bytes, Entry] = {}
        self._settling: dict[bytes, Entry] = {}
        self._clean: dict[bytes, Entry] = {}
        self._shared: Shared = None
        self._shared_known = job.broadcast is None
        self._revised_to: bytes | None = None
        self._parts = Joining(job.joins)

    def handle(self, record: Record, wall: int = 0) -> bool:
        """Let the record move time, fire what was due before it, give it to its processors.

        `wall` is wall time in ms, used by a job without a journal. A record without a key on the
        journal moves time, so that deadlines at or before its moment fire, and is for the broadcast
        processor only. False: more is due before it, or to be revised because of it, than is done
        at once; it is not handled yet, and to be handed in again.
        """
        at = self._moment(record, wall)
        if at is None or (record.key is None and record.topic != self._job.journal):
            self._bury(record, "", ValueError("a record here needs a key and a moment"))
        elif record.key is None:
            return self.tick(at) and self._hear(record)
        else:
            at = max(self.time, at)
            if not self._fire(at, at):
                return False
            self.time = at
            for processor in self._job.readers[record.topic]:
                if record.key.startswith(processor.prefixes):
                    self._give(processor, record, record.key)
            while not self._fire(at, at):
                pass
        return True

    def tick(self, at: int) -> bool:
        """Move time to `at` ms, firing in order all deadlines at or before it; False: not yet all.

        Time stays where it was until all are fired: what is safe is never past a deadline.
        """
        now = max(self.time, at)
        if not self._fire(at + 1, now):
            return False
        self.time = now
        return True

    def take(self) -> Effects:
        """Hand out what happened since the last call; its states stay readable until `settle`."""
        self._settling, self._dirty = self._dirty, {}
        outputs, calls = [record for _, record in self.told()], self.calls
        self.calls = []
        dropped, self.deadlines.dropped = self.deadlines.dropped, []
        writes = {key: encode(entry) for key, entry in self._settling.items()}
        return Effects(writes, outputs, calls, dropped)

    def told(self) -> list[tuple[int, Record]]:
        """Hand out what is to be written since the last call, each with its moment in ms."""
        emitted, self.emitted = self.emitted, []
        emitted += self._parts.take()
        for topic, key, error in self._parts.unjoined:
            self.failures.append(Failure(topic, key, None, error))
        self._parts.unjoined.clear()
        return emitted

    def settle(self) -> None:
        """What was taken last is in the store now."""
        for key in self._settling:
            self._clean.pop(key, None)  # so that it goes last, and is forgotten last
        self._clean.update(self._settling)
        self._settling = {}
        self._forget_oldest()

    def resume(self, time: int, keys: int) -> None:
        """Go on from what is stored, which nothing was due of before `time`."""
        self.time, self.keys = time, keys
        self._shared_known = self._job.broadcast is None
        self.deadlines = Deadlines(self, time)

    def deadline(self, key: bytes) -> int | None:
        return self._entry(key).deadline

    def hints(self, since: Hint) -> Iterator[Hint]:
        changed = {**self._settling, **self._dirty}
        moved = sorted(
            hint
            for key, entry in changed.items()
            if entry.deadline is not None and (hint := Hint(entry.deadline, key)) >= since
        )
        stored = (hint for hint in self._stored.hints(since) if hint.key not in changed)
        return (each for each in merge(stored, moved) if split(each.key)[0] in self._by_name)

    def get(self, processor: str, key: bytes) -> Any | None:
        """The state of a key, whether it is safe already or not."""
        return self._peek(stored_key(processor, key)).state

    def scan(self, processor: str) -> Iterator[tuple[bytes, Any]]:
        """All keys and states of a processor, in the order of the keys."""
        prefix = stored_key(processor, b"")
        changed = {k for k in (*self._settling, *self._dirty) if k.startswith(prefix)}
        for key in sorted(changed.union(k for k, _ in self._stored.scan(prefix))):
            if (state := self._peek(key).state) is not None:
                yield split(key)[1], state

    def _moment(self, record: Record, wall: int) -> int | None:
        if self._job.journal is None:
            return wall
        return moment_of(record) if record.topic == self._job.journal else self.time

    def _fire(self, before: int, now: int) -> bool:
        """Each at its own moment, but on wall time, which has no past to act in."""
        fired = self.fired
        while (due := self.deadlines.pop(before)) is not None:
            self.fired += 1
            self._call(now if self._job.journal is None else due.at, due.key)
            if self.fired - fired == self._at_once:
                return False
        return True

    def _hear(self, record: Record) -> bool:
        """What is broadcast counts at once; a revision looks at every key before time goes on.

        False: more keys are to be looked at. A crash meanwhile begins the revision anew.
        """
        if self._job.broadcast is None:
            return True
        if self._revised_to is None:
            outcome = self._give(self._job.broadcast, record, BROADCAST_KEY)
            self._shared_known = False
            if outcome is None or not outcome.revise:
                return True
            self._revised_to = b""
        keys = list(islice(self._keys_after(self._revised_to), self._at_once))
        for key in keys:
            self.fired += 1
            self._call(self.time, key)
        self._revised_to = keys[-1] if len(keys) == self._at_once else None
        return self._revised_to is None

    def _keys_after(self, last: bytes) -> Iterator[bytes]:
        """The keys of all processors but the broadcast one, in order."""
        changed = sorted(key for key in (*self._settling, *self._dirty) if key > last)
        stored = (key for key, _ in self._stored.scan(b"", last) if key > last)
        names = {each.name.encode() for each in self._job.processors}
        for key in merge(changed, stored):
            if key != last and split(key)[0] in names and self._entry(key).state is not None:
                yield key
            last = key

    def _known_to_all(self) -> Shared:
        """The state of the broadcast processor."""
        if not self._shared_known and self._job.broadcast is not None:
            key = stored_key(self._job.broadcast.name, BROADCAST_KEY)
            self._shared, self._shared_known = self._entry(key).state, True
        return self._shared

    def _call(self, at: int, key: bytes) -> None:
        entry, shared = self._entry(key), self._known_to_all()
        try:
            outcome = entry.processor.on_deadline(split(key)[1], entry.state, shared, from_ms(at))
        except Exception as error:  # noqa: BLE001 - a key that fails must not stop the others
            self._dirty[key] = entry._replace(deadline=None, broken=True)
            self.deadlines.move(key, entry.deadline, None)
            self.failures.append(Failure(entry.processor.name, key, None, error))
            return
        again = self._apply(key, entry, outcome, at)
        if again is not None and again <= at:
            message = f"{entry.processor.name} at {from_ms(at)} asked for {from_ms(again)}"
            raise DeadlineError(message)

    def _give(self, processor: Processor[Any], record: Record, key: bytes) -> Outcome[Any] | None:
        stored = stored_key(processor.name, key)
        entry, shared = self._entry(stored), self._known_to_all()
        try:
            outcome = processor.on_record(record, entry.state, shared, from_ms(self.time))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is buried
            self._bury(record, processor.name, error)
            return None
        self._apply(stored, entry, outcome, self.time)
        return outcome

    def _apply(self, key: bytes, entry: Entry, outcome: Outcome[Any], at: int) -> int | None:
        wanted = None if outcome.state is None else outcome.deadline
        after = Entry(entry.processor, outcome.state, None if wanted is None else to_ms(wanted))
        for each in outcome.out:
            self.emitted.append((at, each))
        for part in outcome.parts:
            self._parts.add(at, part)
        self.calls += outcome.calls
        self.deadlines.move(key, entry.deadline, after.deadline)
        if after.state is not entry.state or after != entry:
            self._dirty[key] = after
            self.keys += (after.state is not None) - (entry.state is not None)
            if self._job.observe is not None:
                self._job.observe(entry.processor.name, entry.state, after.state)
        return after.deadline

    def _entry(self, key: bytes) -> Entry:
        if (known := self._known(key)) is not None:
            return known
        entry = self._decoded(key)
        if entry.state is not None:
            self._clean[key] = entry
            self._forget_oldest()
        return entry

    def _peek(self, key: bytes) -> Entry:
        """Without keeping it: a look from outside may come while the store is still recovering."""
        return self._known(key) or self._decoded(key)

    def _known(self, key: bytes) -> Entry | None:
        return self._dirty.get(key) or self._settling.get(key) or self._clean.get(key)

    def _decoded(self, key: bytes) -> Entry:
        return decode(self._by_name[split(key)[0]], self._stored.get(key))

    def _forget_oldest(self) -> None:
        while len(self._clean) > self._cached_keys:
            del self._clean[next(iter(self._clean))]

    def _bury(self, record: Record, processor: str, error: Exception) -> None:
        copy = buried(self._job.quarantine, record, processor, error, self.time)
        self.emitted.append((self.time, copy))
        self.failures.append(Failure(processor, record.key, record, error))
