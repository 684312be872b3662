"""A small processor without a trade: counts what it sees and falls due when nothing comes."""

from datetime import datetime, timedelta
from zlib import crc32

import msgspec

from services.runtime.job import Job
from services.runtime.moments import from_ms
from services.runtime.processor import ALL_KEYS, Outcome, Record, Shared

JOURNAL, COUNTS, QUARANTINE = "journal", "counts", "quarantine"
PATIENCE = timedelta(seconds=10)


class BytesCodec:
    """A state that is bytes already."""

    def encode(self, state: bytes) -> bytes:
        return state

    def decode(self, data: bytes) -> bytes:
        return data


class Count(msgspec.Struct, frozen=True):
    """How many records came, which were last, how often nothing came for a while."""

    seen: int = 0
    digest: int = 0
    silences: int = 0


class CountCodec:
    """Counts as msgpack."""

    def encode(self, state: Count) -> bytes:
        return msgspec.msgpack.encode(state)

    def decode(self, data: bytes) -> Count:
        return msgspec.msgpack.decode(data, type=Count)


class Counter:
    """Says each count and each silence; `poison`, `forget` and `fuse` are words it knows."""

    name = "counter"
    prefixes = ALL_KEYS
    codec = CountCodec()

    def __init__(self, topic: str = JOURNAL, counts: str = COUNTS) -> None:
        self.topics = (topic,)
        self.counts = counts

    def on_record(
        self, record: Record, state: Count | None, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        if record.value == b"poison":
            raise ValueError("poison")
        if record.value == b"forget":
            return Outcome(None)
        known = state or Count()
        digest = crc32(record.value or b"", known.digest)
        count = Count(known.seen + 1, digest, -1 if record.value == b"fuse" else known.silences)
        return Outcome(count, now + PATIENCE, [self.said(record.key, b"seen", count.seen, now)])

    def on_deadline(
        self, key: bytes, state: Count, shared: Shared, now: datetime
    ) -> Outcome[Count]:
        if state.silences < 0:
            raise ValueError("fuse")
        count = msgspec.structs.replace(state, silences=state.silences + 1)
        again = now + PATIENCE if count.silences < 3 else None
        return Outcome(count, again, [self.said(key, b"silence", count.silences, now)])

    def said(self, key: bytes | None, word: bytes, number: int, now: datetime) -> Record:
        value = b"%b:%b:%d:%d" % (key, word, number, now.timestamp() * 1000)
        return Record(self.counts, key, value)


def counting_job(partitions: int = 1, journal: str | None = JOURNAL) -> Job:
    return Job("counting", (Counter(),), partitions, QUARANTINE, journal)


def journal_record(key: bytes | None, at: int, value: bytes = b"x", **place: int) -> Record:
    """A record of the journal at a moment in seconds."""
    return Record(JOURNAL, key, value, (("at", b"%d" % (at * 1000)),), **place)


def seconds(at: float) -> datetime:
    return from_ms(int(at * 1000))
