"""Parts of one flush become one record for each topic and key, and one that fails is told of."""

from collections.abc import Sequence
from datetime import datetime

from services.runtime import joining
from services.runtime.job import Job
from services.runtime.memory import MemoryDriver, MemoryStore
from services.runtime.partition import Partition
from services.runtime.processor import ALL_KEYS, Outcome, Part, Record, Shared
from tests.unit.runtime.counting import JOURNAL, QUARANTINE, BytesCodec, journal_record


class Teller:
    """Tells each word in parts, to its own key and to one that all share."""

    name = "teller"
    topics = (JOURNAL,)
    prefixes = ALL_KEYS
    codec = BytesCodec()

    def on_record(
        self, record: Record, state: bytes | None, shared: Shared, now: datetime
    ) -> Outcome[bytes]:
        word = record.value or b""
        parts = (Part("words", record.key or b"", word), Part("last", b"all", word))
        return Outcome(word, out=[Record("each", record.key, word)], parts=parts)

    def on_deadline(
        self, key: bytes, state: bytes, shared: Shared, now: datetime
    ) -> Outcome[bytes]:
        raise NotImplementedError


def _in_a_row(words: Sequence[bytes]) -> bytes:
    if b"poison" in words:
        raise ValueError("poison")
    return b",".join(words)


def _last(words: Sequence[bytes]) -> bytes:
    return words[-1]


JOB = Job("tell", (Teller(),), 1, QUARANTINE, JOURNAL, joins={"words": _in_a_row, "last": _last})


def told(records: Sequence[Record], topic: str) -> list[tuple[bytes | None, bytes | None]]:
    return [(record.key, record.value) for record in records if record.topic == topic]


def hear(partition: Partition, *words: tuple[bytes, bytes]) -> None:
    for number, (key, word) in enumerate(words):
        assert partition.handle(journal_record(key, number, word, partition=0, offset=number))


def test_the_parts_of_a_flush_are_one_record_for_each_topic_and_key() -> None:
    partition = Partition(JOB, 0, MemoryStore())
    hear(partition, (b"a", b"1"), (b"b", b"2"), (b"a", b"3"))
    outputs = partition.take().outputs
    assert told(outputs, "words") == [(b"a", b"1,3"), (b"b", b"2")]
    assert told(outputs, "last") == [(b"all", b"3")]
    assert told(outputs, "each") == [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    partition.settle()
    assert partition.take().outputs == []


def test_in_memory_each_step_is_a_flush() -> None:
    driver = MemoryDriver(JOB)
    for number, word in enumerate((b"1", b"2")):
        assert told(driver.feed(journal_record(b"a", number, word)), "words") == [(b"a", word)]
    assert told(driver.outputs, "last") == [(b"all", b"1"), (b"all", b"2")]


def test_what_cannot_be_joined_keeps_nothing_else_from_being_told() -> None:
    partition = Partition(JOB, 0, MemoryStore())
    hear(partition, (b"a", b"poison"), (b"b", b"2"))
    effects = partition.take()
    assert told(effects.outputs, "words") == [(b"b", b"2")]
    assert told(effects.outputs, "last") == [(b"all", b"2")]
    assert len(effects.writes) == 2
    assert [(each.processor, each.key) for each in partition.failures] == [("words", b"a")]


def test_much_is_joined_before_the_flush_so_that_no_record_is_too_large() -> None:
    partition = Partition(JOB, 0, MemoryStore())
    count = joining.MOST_WAITING + 10
    hear(partition, *((b"a", b"%d" % number) for number in range(count)))
    words = [value or b"" for _, value in told(partition.take().outputs, "words")]
    assert len(words) > 1
    assert b",".join(words) == b",".join(b"%d" % number for number in range(count))
