"""What a run in memory says of the journal as it stands, beside what the trackers said of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from kafka import TopicPartition

from schemas.topics import DELAYS, EVENTS, MOVEMENTS
from services.runtime.memory import MemoryDriver
from services.runtime.processor import Record
from tests.faults.topics import Reader
from tests.support.hearing import tracker_job

Said = dict[bytes, list[bytes]]
"""The values of each key, in order."""
OUTPUTS = (DELAYS.full_name, MOVEMENTS.full_name)


@dataclass
class Difference:
    """How what was said of a topic differs from what was to be said."""

    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)


class Witness:
    """Reads on from where it read last, so that one serves many runs in one world."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self.journal: list[Record] = []
        self.told: dict[str, Said] = {topic: defaultdict(list) for topic in OUTPUTS}
        self.expected: dict[str, Said] = {topic: defaultdict(list) for topic in OUTPUTS}
        self._driver = MemoryDriver(tracker_job(partitions=partitions), whole_journal=True)
        self._ends: dict[TopicPartition, int] = {}
        self._journal = Reader(bootstrap, EVENTS.full_name, partitions)
        self._outputs = [Reader(bootstrap, topic, partitions) for topic in OUTPUTS]

    def read_journal(self) -> dict[TopicPartition, int]:
        """Hear the rest of the journal; answers how far its records go now.

        Behind the last of them may be the marker of a transaction, which nobody commits.
        """
        for record in self._journal.more():
            self.journal.append(record)
            place = TopicPartition(record.topic, record.partition)
            self._ends[place] = (record.offset or 0) + 1
            self._driver.outputs.clear()
            for said in self._driver.feed(record):
                if said.topic in OUTPUTS:
                    self.expected[said.topic][said.key or b""].append(said.value or b"")
        return dict(self._ends)

    def read_outputs(self) -> None:
        """Read the rest of what the trackers said."""
        for reader in self._outputs:
            for record in reader.more():
                self.told[record.topic][record.key or b""].append(record.value or b"")

    def counts(self, topic: str) -> dict[bytes, int]:
        """How much is to be said of each key by the journal as far as it was read."""
        return {key: len(values) for key, values in self.expected[topic].items()}

    def compare(self, topic: str, at_least: dict[bytes, int]) -> Difference:
        """What was said must be what was to be said, in order, and at least so many of each key."""
        found = Difference()
        told, expected = self.told[topic], self.expected[topic]
        for key in told.keys() | at_least.keys():
            mine, right = told.get(key, []), expected.get(key, [])
            if mine != right[: len(mine)]:
                _compare(key, mine, right, found)
            missing = Counter(right[: at_least.get(key, 0)]) - Counter(mine)
            found.lost += [f"{_name(key)} {value[:200]!r}" for value in missing]
        return found

    def last(self, topic: str) -> dict[str, bytes]:
        """The last word on each key."""
        return {_name(key): values[-1] for key, values in self.told[topic].items() if values}

    def close(self) -> None:
        for reader in (self._journal, *self._outputs):
            reader.close()


def _compare(key: bytes, told: list[bytes], right: list[bytes], found: Difference) -> None:
    more = Counter(told) - Counter(right)
    for value, count in more.items():
        place = found.repeated if value in right else found.invented
        place.append(f"{_name(key)} {count} x {value[:200]!r}")
    if not more:
        found.invented.append(f"{_name(key)}: in another order than the journal's")


def _name(key: bytes) -> str:
    return key.decode()
