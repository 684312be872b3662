"""What every movement of a partition is judged by: the broadcast records of the journal, folded."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from schemas.topics import EVENTS
from services.runtime.processor import Codec, Outcome, Record, Shared
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook, rulebook


class Known(msgspec.Struct, frozen=True):
    """The rules in force, as they were applied; empty as long as nobody applied any."""

    rules: str = ""

    def book(self, default: RuleBook = DEFAULT_BOOK) -> RuleBook:
        """The rules, or the default ones."""
        return rulebook(self.rules) if self.rules else default


NOTHING_KNOWN = Known()


class _Broadcast(msgspec.Struct, frozen=True):
    """What a broadcast record says, as far as it is known here; a tick says nothing more."""

    type: str
    toml: str = ""


class KnownCodec:
    """What is known to MessagePack and back."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Known)

    def encode(self, state: Known) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> Known:
        return self._decoder.decode(data)


class KnownProcessor:
    """Keeps what is broadcast; other rules call up every movement, so that they count at once."""

    name = "known"
    topics: Collection[str] = (EVENTS.full_name,)

    def __init__(self) -> None:
        self.codec: Codec[Known] = KnownCodec()
        self._decoder = msgspec.json.Decoder(_Broadcast)

    def on_record(
        self,
        record: Record,
        state: Known | None,
        shared: Shared,  # noqa: ARG002 - its own state
        now: datetime,  # noqa: ARG002 - rules count from the record on
    ) -> Outcome[Known]:
        said = self._decoder.decode(record.value or b"")
        known = state or NOTHING_KNOWN
        if said.type != "rules" or said.toml == known.rules:
            return Outcome(state)
        rulebook(said.toml)  # rather buried than in force
        return Outcome(msgspec.structs.replace(known, rules=said.toml), revise=True)

    def on_deadline(
        self, key: bytes, state: Known, shared: Shared, now: datetime
    ) -> Outcome[Known]:
        raise AssertionError(
            f"of what is known nothing is ever due: {key!r}, {state}, {shared}, {now}"
        )
