"""What is written to every partition is known to all of its keys, and may call each up again."""

from datetime import datetime

import pytest

from services.runtime.job import Job
from services.runtime.memory import MemoryDriver, MemoryStore
from services.runtime.partition import Partition
from services.runtime.processor import ALL_KEYS, Outcome, Record, Shared
from tests.unit.runtime.counting import (
    JOURNAL,
    QUARANTINE,
    BytesCodec,
    Count,
    Counter,
    journal_record,
)


class Loudspeaker:
    """Keeps the last word; a word with a `!` calls every key up."""

    name = "loudspeaker"
    topics = (JOURNAL,)
    prefixes = ALL_KEYS
    codec = BytesCodec()

    def on_record(
        self, record: Record, state: bytes | None, shared: Shared, now: datetime
    ) -> Outcome[bytes]:
        assert shared == state
        if record.value == b"poison":
            raise ValueError("poison")
        if record.value == b"tick":
            return Outcome(state)
        return Outcome(record.value, revise=b"!" in (record.value or b""))

    def on_deadline(
        self, key: bytes, state: bytes, shared: Shared, now: datetime
    ) -> Outcome[bytes]:
        raise NotImplementedError


class Listener(Counter):
    """A counter that says what it heard."""

    def said(self, key: bytes | None, word: bytes, number: int, now: datetime) -> Record:
        return super().said(key, b"%b-%b" % (word, self.heard), number, now)

    def on_record(
        self, record: Record, state: Count | None, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        self.heard = shared or b"nothing"
        return super().on_record(record, state, shared, now)

    def on_deadline(
        self, key: bytes, state: Count, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        self.heard = shared or b"nothing"
        return super().on_deadline(key, state, shared, now)


def listening_job() -> Job:
    return Job("listening", (Listener(),), 1, QUARANTINE, JOURNAL, broadcast=Loudspeaker())


def texts(records: list[Record]) -> list[bytes]:
    return [each.value or b"" for each in records]


def test_what_is_broadcast_is_known_from_then_on_and_after_a_restart() -> None:
    driver = MemoryDriver(listening_job())
    assert texts(driver.feed(journal_record(b"a", 1))) == [b"a:seen-nothing:1:1000"]
    assert driver.feed(journal_record(None, 2, b"new")) == []
    assert texts(driver.feed(journal_record(b"a", 3))) == [b"a:seen-new:2:3000"]
    driver.restart()
    driver.feed(journal_record(None, 4, b"tick"))
    assert texts(driver.feed(journal_record(b"a", 5))) == [b"a:seen-new:3:5000"]


def test_a_revision_looks_at_every_key_once_at_its_moment() -> None:
    driver = MemoryDriver(listening_job())
    for key in (b"b", b"a", b"gone"):
        driver.feed(journal_record(key, 1))
    driver.restart()
    driver.feed(journal_record(b"c", 1))
    driver.feed(journal_record(b"gone", 1, b"forget"))
    told = texts(driver.feed(journal_record(None, 2, b"new!")))
    assert told == [b"%b:silence-new!:1:2000" % key for key in (b"a", b"b", b"c")]
    assert driver.feed(journal_record(None, 2, b"quiet")) == []


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_a_revision_in_small_bites_tells_the_same(at_once: int) -> None:
    partition = Partition(listening_job(), 0, MemoryStore(), at_once=at_once)
    for key in (b"a", b"b", b"c"):
        partition.handle(journal_record(key, 1))
    partition.take()
    partition.emitted.clear()
    calls = 1
    while not partition.handle(journal_record(None, 2, b"new!")):
        calls += 1
    told = [record.value for _, record in partition.emitted]
    assert told == [b"%b:silence-new!:1:2000" % key for key in (b"a", b"b", b"c")]
    assert calls == 3 // at_once + 1


def test_a_broadcast_that_fails_is_buried_and_changes_nothing() -> None:
    driver = MemoryDriver(listening_job())
    driver.feed(journal_record(None, 1, b"new"))
    assert [r.topic for r in driver.feed(journal_record(None, 2, b"poison"))] == [QUARANTINE]
    assert texts(driver.feed(journal_record(b"a", 3))) == [b"a:seen-new:1:3000"]


class Author(Counter):
    """Writes each count back to the journal, to a partition that it names."""

    def on_record(
        self, record: Record, state: Count | None, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        outcome = super().on_record(record, state, shared, now)
        if record.value == b"again":
            return outcome
        again = journal_record(b"written", int(now.timestamp()), b"again")
        return outcome._replace(out=[*outcome.out, again._replace(partition=2)])


@pytest.mark.parametrize("whole", [False, True])
def test_what_is_written_to_a_journal_is_read_unless_it_stands_there_already(whole: bool) -> None:
    job = Job("writing", (Author(),), 3, QUARANTINE, JOURNAL)
    driver = MemoryDriver(job, whole_journal=whole)
    driver.feed(journal_record(b"a", 1))
    counted = [key for key, _ in driver.states("counter")]
    assert counted == ([b"a"] if whole else [b"a", b"written"])
    if not whole:
        assert driver.time("writing", 2).timestamp() == 1
