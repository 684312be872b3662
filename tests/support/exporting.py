"""A tracker of several partitions in memory, whose journal can be exported."""

from collections import defaultdict
from pathlib import Path

from schemas.topics import DELAYS, EVENTS
from services.cli.source_file import Place, with_place
from services.runtime.memory import MemoryDriver
from services.runtime.partition import partition_of
from services.runtime.processor import Record
from tests.support.hearing import in_order_heard, journal_record, tick_record, tracker_job
from tests.support.telling import Moment, Story, moment


class Exporting:
    """Feeds stories in the order in which they were heard, and remembers the whole journal."""

    def __init__(self, partitions: int = 5) -> None:
        self.driver = MemoryDriver(tracker_job(partitions=partitions))
        self._partitions = partitions
        self._journal: dict[int, list[bytes]] = defaultdict(list)

    def hear(self, *stories: Story) -> "Exporting":
        for word in in_order_heard(stories):
            self._feed(journal_record(word.event, word.heard_at))
        return self

    def wait(self, until: Moment) -> "Exporting":
        for number in range(self._partitions):
            self._feed(tick_record(moment(until), number))
        return self

    @property
    def delays(self) -> list[bytes | None]:
        """All records of delays, in order."""
        return [r.value for r in self.driver.outputs if r.topic == DELAYS.full_name]

    def export(self, path: Path) -> Path:
        """The journal as `chasqui export` writes it: partition after partition."""
        lines = (
            with_place(value, Place(number, offset))
            for number, values in sorted(self._journal.items())
            for offset, value in enumerate(values)
        )
        path.write_bytes(b"\n".join(lines))
        return path

    def _feed(self, record: Record) -> None:
        self._write(record)
        for written in self.driver.feed(record):
            if written.topic == EVENTS.full_name:
                self._write(written)

    def _write(self, record: Record) -> None:
        number = record.partition
        if number is None:
            number = partition_of(record.key or b"", self._partitions)
        self._journal[number].append(record.value or b"")
