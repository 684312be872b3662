"""What alerts runs: the alerts of each subject, and the digests of each country."""

from collections.abc import Collection
from datetime import datetime

from msgspec import msgpack

from schemas.topics import BACKLOG, COMMANDS, DELAYS, RECEIPTS, REPLAYS
from services.alerts.core import digesting
from services.alerts.core.acknowledging import decode_command
from services.alerts.core.backlog import decode_step
from services.alerts.core.book import Book
from services.alerts.core.dead_letters import decode_replay
from services.alerts.core.delay import decode_delay
from services.alerts.core.digest import KEYS, Digest, about_of
from services.alerts.core.outbox import decode_receipt
from services.alerts.core.policy import Policy
from services.alerts.core.storm import Asked, decode_answer, decode_word
from services.alerts.core.turn import Turn
from services.runtime.processor import ALL_KEYS, Codec, Outcome, Record, Shared


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
    topics: Collection[str] = (
        DELAYS.full_name,
        COMMANDS.full_name,
        RECEIPTS.full_name,
        BACKLOG.full_name,
        REPLAYS.full_name,
    )
    prefixes: tuple[bytes, ...] = ALL_KEYS

    def __init__(self, policy: Policy) -> None:
        """`policy` says whom to tell, and how patiently."""
        self.codec: Codec[Book] = BookCodec()
        self._policy = policy

    def on_record(
        self, record: Record, state: Book | None, shared: Shared, now: datetime
    ) -> Outcome[Book]:
        """Hear of a delay, an operator, a sink's answer, a replay or a storm; else ValueError.

        A word about a subject or an alert that is not known is written down and makes no state.
        """
        del shared
        key, value = record.key or b"", record.value or b""
        if key.startswith(KEYS) and record.topic != COMMANDS.full_name:
            return Outcome(None)
        turn = Turn(state or Book(), key, now, self._policy)
        match record.topic:
            case DELAYS.full_name:
                turn.hear(decode_delay(value))
                return turn.outcome()
            case REPLAYS.full_name:
                turn.replay(decode_replay(value))
                return turn.outcome()
            case COMMANDS.full_name:
                turn.obey(decode_command(value))
            case RECEIPTS.full_name:
                turn.answer(decode_receipt(value))
            case _:
                turn.advise(decode_answer(value))
        after = turn.outcome()
        return after if state is not None else Outcome(None, out=after.out)

    def on_deadline(self, key: bytes, state: Book, shared: Shared, now: datetime) -> Outcome[Book]:
        """Tell, press, try again or forget."""
        del shared
        return Turn(state, key, now, self._policy).outcome()


class Digests:
    """What is told of a country at once: `country/<code>` its backlog, `storm/<code>` a storm."""

    name = "digests"
    topics: Collection[str] = (BACKLOG.full_name, RECEIPTS.full_name, REPLAYS.full_name)
    prefixes: tuple[bytes, ...] = KEYS

    def __init__(self, policy: Policy) -> None:
        """`policy` says whom to tell, and how patiently."""
        self.codec: Codec[Digest] = DigestCodec()
        self._policy = policy

    def on_record(
        self, record: Record, state: Digest | None, shared: Shared, now: datetime
    ) -> Outcome[Digest]:
        """Hear of a step, a question, a sink's answer or a replay; ValueError for others."""
        del shared
        key, value = record.key or b"", record.value or b""
        about_of(key)  # no state for what is no country's name: nobody could tell of it
        if record.topic == RECEIPTS.full_name:
            if state is None:
                return Outcome(None)
            digest, out = digesting.answer(state, decode_receipt(value), key, now, self._policy)
        elif record.topic == REPLAYS.full_name:
            digest, out = digesting.replay(state or Digest(), decode_replay(value), now)
        else:
            digest, out = self._hear(state or Digest(), key, value, now)
        after = digesting.outcome(digest, key, now, self._policy)
        return after._replace(out=[*out, *after.out])

    def on_deadline(
        self, key: bytes, state: Digest, shared: Shared, now: datetime
    ) -> Outcome[Digest]:
        """Tell or try again."""
        del shared
        return digesting.outcome(state, key, now, self._policy)

    def _hear(
        self, digest: Digest, key: bytes, value: bytes, now: datetime
    ) -> tuple[Digest, list[Record]]:
        said = decode_word(value) if about_of(key).what == "storm" else decode_step(value)
        if not isinstance(said, Asked):
            return digesting.take(digest, said, now, self._policy), []
        digest, answer = digesting.judge(digest, said, key, now, self._policy)
        return digest, [answer]
