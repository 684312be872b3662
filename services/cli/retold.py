"""What the journal says of some subjects, told again to a tracker in memory up to a moment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from services.cli.journal import in_time
from services.runtime.memory import MemoryDriver
from services.runtime.moments import LAST_MS, from_ms, to_ms
from services.runtime.partition import BROADCAST_KEY, moment_of
from services.runtime.processor import Record
from services.tracker.core.commitment import Commitment
from services.tracker.core.events import Report
from services.tracker.core.heard import Heard, hear
from services.tracker.core.learnt import Judge
from services.tracker.core.merge import Fate
from services.tracker.core.movement import Movement
from services.tracker.core.rulebook import RuleBook
from services.tracker.job import create_job
from services.tracker.known import NOTHING_KNOWN, Known, KnownProcessor
from services.tracker.processors import CommitmentsProcessor, MovementsProcessor


class Retold:
    """Subjects as the tracker knew them at `known_at`, or knows them at the end of the journal.

    Only the records with their keys or with none are taken, those of several partitions by their
    partitions' times; the others do nothing but move time.
    """

    def __init__(
        self, keys: Collection[bytes], records: Iterable[Record], known_at: datetime | None
    ) -> None:
        self.heard: dict[bytes, list[Heard]] = {key: [] for key in keys}
        """Every word that was taken of each, in the order of the journal."""
        self._until = LAST_MS if known_at is None else to_ms(known_at)
        self._times: dict[int | None, int] = defaultdict(int)
        self._taken: datetime | None = None
        job = create_job(hear=self._observe)
        self._driver = MemoryDriver(job, whole_journal=True)
        own = in_time(self._own(records))
        self._driver.place(own)
        for record in own:
            self._feed(record)
        self._end(known_at)

    def movement(self, key: bytes) -> Movement | None:
        """Its state; None where nothing was known."""
        state: Movement | None = self._driver.state(MovementsProcessor.name, key)
        return state

    def commitment(self, key: bytes) -> Commitment | None:
        """Its state; None where nothing was known."""
        state: Commitment | None = self._driver.state(CommitmentsProcessor.name, key)
        return state

    @property
    def judge(self) -> Judge:
        """The rules in force then, and what was learnt."""
        return self._known.judge()

    @property
    def book(self) -> RuleBook:
        """The rules in force then."""
        return self._known.book()

    @property
    def _known(self) -> Known:
        return self._driver.state(KnownProcessor.name, BROADCAST_KEY) or NOTHING_KNOWN

    def _own(self, records: Iterable[Record]) -> Iterator[Record]:
        """A record behind its partition's time comes at that time, whichever record moved it."""
        for record in records:
            number = record.partition
            time = self._times[number] = max(self._times[number], moment_of(record) or 0)
            if time <= self._until and (record.key is None or record.key in self.heard):
                yield record._replace(headers=(*_without_at(record), ("at", b"%d" % time)))

    def _feed(self, record: Record) -> None:
        self._taken = None
        self._driver.feed(record)
        self._driver.outputs.clear()
        if self._taken is not None and record.key is not None:
            self.heard[record.key].append(hear(record.value or b"", self._taken))

    def _end(self, known_at: datetime | None) -> None:
        """Move time to the moment, or to where the last records of other keys moved it."""
        if known_at is not None:
            self._driver.tick(known_at)
            return
        for number, time in self._times.items():
            # What is due at the very moment of a record is told by what comes after it.
            self._driver.tick(from_ms(max(0, time - 1)), number or 0)

    def _observe(self, fate: Fate, _report: Report, now: datetime) -> None:
        self._taken = None if fate is Fate.TOO_MANY else now


def _without_at(record: Record) -> Iterator[tuple[str, bytes]]:
    return (header for header in record.headers if header[0] != "at")
