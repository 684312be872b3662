"""Time comes from the log, and what fires when is the same for every driver."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.job import Job
from services.runtime.memory import MemoryDriver, MemoryStore
from services.runtime.partition import DeadlineError, Partition, partition_of
from services.runtime.processor import Outcome, Record, Shared
from tests.unit.runtime.counting import (
    COUNTS,
    QUARANTINE,
    Count,
    Counter,
    counting_job,
    journal_record,
    seconds,
)


def values(records: list[Record]) -> list[bytes | None]:
    return [each.value for each in records]


def test_deadlines_fire_before_the_record_that_passes_them_each_at_its_own_moment() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"b", 0))
    driver.feed(journal_record(b"a", 0))
    assert values(driver.feed(journal_record(b"c", 21))) == [
        b"a:silence:1:10000",
        b"b:silence:1:10000",
        b"a:silence:2:20000",
        b"b:silence:2:20000",
        b"c:seen:1:21000",
    ]


def test_a_record_at_the_deadline_is_in_time_a_tick_at_the_deadline_is_not() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 0))
    assert values(driver.feed(journal_record(b"b", 10))) == [b"b:seen:1:10000"]
    assert values(driver.tick(seconds(10), 0)) == [b"a:silence:1:10000"]
    assert values(driver.tick(seconds(10), 0)) == []


def test_a_record_without_a_key_only_moves_time() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 0))
    assert values(driver.feed(journal_record(None, 10))) == [b"a:silence:1:10000"]
    assert driver.time("counting") == seconds(10)


def test_time_never_goes_back() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 100))
    assert values(driver.feed(journal_record(b"b", 3))) == [b"b:seen:1:100000"]
    assert values(driver.tick(seconds(3), 0)) == []


def test_what_fails_is_buried_and_the_partition_moves_on() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 0))
    (buried,) = driver.feed(journal_record(b"a", 1, b"poison", offset=7))
    headers = {name: value.decode() for name, value in buried.headers}
    assert (buried.topic, buried.value) == (QUARANTINE, b"poison")
    assert headers == {
        "reason": "broken",
        "field": "",
        "detail": "counter: ValueError: poison",
        "origin": "kafka:journal/0/7",
        "row": "1",
        "received_at": "1970-01-01T00:00:01Z",
    }
    assert driver.state("counter", b"a").seen == 1
    assert values(driver.feed(journal_record(b"a", 2))) == [b"a:seen:2:2000"]


@pytest.mark.parametrize("at", [b"", b"-1", b"x", b"1e3", b"9" * 40, "²".encode()])
def test_a_journal_record_without_a_moment_is_buried(at: bytes) -> None:
    driver = MemoryDriver(counting_job())
    (buried,) = driver.feed(Record("journal", b"a", b"x", (("at", at),)))
    assert buried.topic == QUARANTINE
    assert driver.time("counting") == seconds(0)


def test_a_record_without_a_key_elsewhere_is_buried() -> None:
    driver = MemoryDriver(Job("counting", (Counter("other"),), 1, QUARANTINE, "journal"))
    assert [each.topic for each in driver.feed(Record("other", None, b"x"))] == [QUARANTINE]


def test_a_deadline_that_fails_marks_its_key_until_the_next_record() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 0, b"fuse"))
    assert values(driver.tick(seconds(60), 0)) == []
    (failure,) = driver.failures
    assert (failure.processor, failure.key) == ("counter", b"counter\0a")
    driver.restart()
    assert values(driver.tick(seconds(90), 0)) == []
    assert values(driver.feed(journal_record(b"a", 100))) == [b"a:seen:2:100000"]


class Wanting(Counter):
    """Asks to be called at a fixed distance from now."""

    def __init__(self, first: timedelta, then: timedelta) -> None:
        super().__init__()
        self.first, self.then = first, then

    def on_record(
        self, record: Record, state: Count | None, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        return Outcome(Count(), now + self.first)

    def on_deadline(
        self, key: bytes, state: Count, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        moment = Record(COUNTS, key, str(now).encode())
        return Outcome(Count(), now + self.then if state.silences else None, [moment])


def test_a_deadline_in_the_past_fires_at_once() -> None:
    wanting = Wanting(timedelta(seconds=-5), timedelta(0))
    driver = MemoryDriver(Job("counting", (wanting,), 1, QUARANTINE, "journal"))
    assert values(driver.feed(journal_record(b"a", 20))) == [b"1970-01-01 00:00:15+00:00"]


class Stuck(Counter):
    """Asks for the same moment again and again."""

    def on_deadline(
        self, key: bytes, state: Count, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        return Outcome(state, now)


def test_a_deadline_that_does_not_move_forward_stops_everything() -> None:
    driver = MemoryDriver(Job("counting", (Stuck(),), 1, QUARANTINE, "journal"))
    driver.feed(journal_record(b"a", 0))
    with pytest.raises(DeadlineError):
        driver.tick(seconds(10), 0)


def test_a_forgotten_key_has_no_state_and_no_deadline() -> None:
    driver = MemoryDriver(counting_job())
    driver.feed(journal_record(b"a", 0))
    driver.feed(journal_record(b"a", 1, b"forget"))
    assert list(driver.states("counter")) == []
    assert values(driver.tick(seconds(60), 0)) == []


def test_each_partition_has_its_own_time() -> None:
    driver = MemoryDriver(counting_job(partitions=2))
    driver.feed(journal_record(b"a", 0, partition=0))
    driver.feed(journal_record(b"b", 50, partition=1))
    assert values(driver.feed(journal_record(b"c", 1, partition=0))) == [b"c:seen:1:1000"]
    assert values(driver.tick(seconds(10))) == [b"a:silence:1:10000"]


def test_what_one_job_writes_another_reads_at_the_moment_it_was_written() -> None:
    second = Job("second", (Counter(COUNTS, "elsewhere"),), 1, QUARANTINE)
    driver = MemoryDriver(counting_job(), second)
    driver.feed(journal_record(b"a", 0))
    assert values(driver.feed(journal_record(b"b", 11))) == [
        b"a:silence:1:10000",
        b"a:seen:2:10000",
        b"b:seen:1:11000",
        b"b:seen:1:11000",
    ]


def test_wall_time_does_not_jump_over_what_is_due_before_the_next_record() -> None:
    driver = MemoryDriver(Job("wall", (Counter(COUNTS, "elsewhere"),), 1, QUARANTINE))
    driver.feed(Record(COUNTS, b"a", b"x"), seconds(0))
    driver.feed(Record(COUNTS, b"b", b"x"), seconds(25))
    assert values(driver.outputs) == [
        b"a:seen:1:0",
        b"a:silence:1:10000",
        b"a:silence:2:20000",
        b"b:seen:1:25000",
    ]
    driver.flush()
    assert driver.outputs == []
    driver.wait(seconds(36))
    assert values(driver.outputs) == [b"a:silence:3:30000", b"b:silence:1:35000"]


def test_kafka_s_own_partition_of_a_key() -> None:
    assert [partition_of(key, 6) for key in (b"", b"shipment/EC-AMB-0017", b"foobar")] == [
        (0x106E08D9) % 6,
        partition_of(b"shipment/EC-AMB-0017", 12) % 6,
        (-790332482 & 0x7FFFFFFF) % 6,
    ]


def test_an_unchanged_state_is_not_written() -> None:
    class Same(Counter):
        """Answers what it was given."""

        def on_record(
            self, record: Record, state: Count | None, shared: Shared, now: datetime
        ) -> Outcome[Count]:
            return Outcome(state or Count(), seconds(99))

    job = Job("counting", (Same(),), 1, QUARANTINE, "journal")
    partition = Partition(job, 0, MemoryStore())
    partition.handle(journal_record(b"a", 0))
    assert len(partition.take().writes) == 1
    partition.settle()
    partition.handle(journal_record(b"a", 1))
    assert partition.take().writes == {}


RECORDS = st.lists(
    st.tuples(
        st.sampled_from([b"a", b"b", b"c", None]),
        st.integers(0, 60),
        st.sampled_from([b"x", b"y", b"poison", b"forget", b"fuse"]),
        st.sampled_from(["go on", "take", "settle", "crash"]),
    ),
    max_size=60,
)


class Flushed:
    """A partition that is flushed and restarted at any point."""

    def __init__(self, cached_keys: int, at_once: int) -> None:
        self.written: list[Record] = []
        self.store = MemoryStore()
        self.limits = (cached_keys, at_once)
        self.partition = Partition(counting_job(), 0, self.store, *self.limits)
        self.taken: dict[bytes, bytes | None] = {}

    def do(self, what: str) -> None:
        {"go on": lambda: None, "take": self.take, "settle": self.settle, "crash": self.crash}[
            what
        ]()

    def take(self) -> None:
        self.settle()
        effects = self.partition.take()
        self.written += effects.outputs
        self.taken = effects.writes

    def settle(self) -> None:
        for key, value in self.taken.items():
            self.store.pop(key, None) if value is None else self.store.update({key: value})
        self.partition.settle()
        self.taken = {}

    def crash(self) -> None:
        self.take()
        self.settle()
        time, keys = self.partition.time, self.partition.keys
        self.partition = Partition(counting_job(), 0, self.store, *self.limits)
        self.partition.resume(time, keys)


@given(RECORDS, st.integers(1, 3), st.integers(1, 3))
def test_flushes_crashes_a_small_cache_and_small_bites_change_nothing(
    records: list[tuple[bytes | None, int, bytes, str]], cached_keys: int, at_once: int
) -> None:
    whole, flushed = MemoryDriver(counting_job()), Flushed(cached_keys, at_once)
    for offset, (key, at, value, then) in enumerate(records):
        record = journal_record(key, at, value, partition=0, offset=offset)
        whole.feed(record)
        while not flushed.partition.handle(record):
            flushed.do(then)
        flushed.do(then)
        assert flushed.partition.keys == len(list(whole.states("counter")))
        assert list(flushed.partition.scan("counter")) == list(whole.states("counter"))
    flushed.take()
    assert flushed.written == whole.outputs
