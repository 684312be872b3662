"""What alerts runs: the alerts of each subject, and the backlog digest of each country."""

from collections.abc import Collection
from datetime import datetime

from msgspec import msgpack

from schemas.topics import BACKLOG, DELAYS, RECEIPTS, REPLAYS
from services.alerts.core import digest as digests
from services.alerts.core.backlog import COUNTRY, decode_step
from services.alerts.core.book import Book
from services.alerts.core.dead_letters import decode_replay
from services.alerts.core.delay import decode_delay
from services.alerts.core.digest import Digest
from services.alerts.core.outbox import decode_receipt
from services.alerts.core.policy import Policy
from services.alerts.core.turn import Turn
from services.runtime.processor import ALL_KEYS, Codec, Outcome, Record, Shared

_COUNTRY = COUNTRY.encode()


class BookCodec:
    """A subject's alerts as bytes."""

    _encoder = msgpack.Encoder()
    _decoder = msgpack.Decoder(Book)

    def encode(self, state: Book) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> Book:
        return self._decoder.decode(data)


class DigestCodec:
    """A country's digest as bytes."""

    _encoder = msgpack.Encoder()
    _decoder = msgpack.Decoder(Digest)

    def encode(self, state: Digest) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> Digest:
        return self._decoder.decode(data)


class Alerts:
    """The life of the alerts of a subject, keyed `kind/subject_id`, on wall time."""

    name = "alerts"
    topics: Collection[str] = (DELAYS.full_name, RECEIPTS.full_name, REPLAYS.full_name)
    prefixes: tuple[bytes, ...] = ALL_KEYS

    def __init__(self, policy: Policy) -> None:
        """`policy` says whom to tell, and how patiently."""
        self.codec: Codec[Book] = BookCodec()
        self._policy = policy

    def on_record(
        self, record: Record, state: Book | None, shared: Shared, now: datetime
    ) -> Outcome[Book]:
        """Hear of a delay, a sink's answer or a replay; ValueError for a record that is none."""
        del shared
        key, value = record.key or b"", record.value or b""
        answered = record.topic == RECEIPTS.full_name
        if key.startswith(_COUNTRY) or (answered and state is None):
            return Outcome(None)
        turn = Turn(state or Book(), key, now, self._policy)
        if answered:
            turn.answer(decode_receipt(value))
        elif record.topic == REPLAYS.full_name:
            turn.replay(decode_replay(value))
        else:
            turn.hear(decode_delay(value))
        return turn.outcome()

    def on_deadline(self, key: bytes, state: Book, shared: Shared, now: datetime) -> Outcome[Book]:
        """Tell, try again or forget."""
        del shared
        return Turn(state, key, now, self._policy).outcome()


class Digests:
    """The backlog of a country, keyed `country/<code>`, on wall time."""

    name = "digests"
    topics: Collection[str] = (BACKLOG.full_name, RECEIPTS.full_name, REPLAYS.full_name)
    prefixes: tuple[bytes, ...] = ALL_KEYS

    def __init__(self, policy: Policy) -> None:
        """`policy` says whom to tell, and how patiently."""
        self.codec: Codec[Digest] = DigestCodec()
        self._policy = policy

    def on_record(
        self, record: Record, state: Digest | None, shared: Shared, now: datetime
    ) -> Outcome[Digest]:
        """Hear of a step, a sink's answer or a replay; ValueError for a record that is none."""
        del shared
        key = record.key or b""
        answered = record.topic == RECEIPTS.full_name
        if not key.startswith(_COUNTRY) or (answered and state is None):
            return Outcome(None)
        digest, written = self._heard(state or Digest(), record, now)
        after = digests.outcome(digest, key, now, self._policy)
        return after._replace(out=[*written, *after.out])

    def _heard(self, digest: Digest, record: Record, now: datetime) -> tuple[Digest, list[Record]]:
        key, value = record.key or b"", record.value or b""
        if record.topic == RECEIPTS.full_name:
            return digests.answer(digest, decode_receipt(value), key, now, self._policy)
        if record.topic == REPLAYS.full_name:
            return digests.replay(digest, decode_replay(value), now)
        return digests.take(digest, decode_step(value), now, self._policy), []

    def on_deadline(
        self, key: bytes, state: Digest, shared: Shared, now: datetime
    ) -> Outcome[Digest]:
        """Tell or try again."""
        del shared
        return digests.outcome(state, key, now, self._policy)
