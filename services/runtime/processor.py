"""The one primitive: a key has one state and one deadline."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

S = TypeVar("S")

Headers = Sequence[tuple[str, bytes]]
Shared = Any
"""The state of the job's broadcast processor in this partition; None before it heard anything."""


class Record(NamedTuple):
    """One Kafka record: read from an input topic, or to be written to an output topic.

    `topic` is the full topic name. `partition` and `offset` are those of a record that was read.
    One to be written has no offset, and goes to its `partition` if it names one, else to that of
    its key.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    offset: int | None = None


class Part(NamedTuple):
    """An output that becomes one record with all others of its topic and key in the same flush.

    `value` is whatever the topic's join takes.
    """

    topic: str
    key: bytes
    value: object


Join = Callable[[Sequence[Any]], bytes]
"""Makes a record's value of the parts of one key, in the order in which they came."""


class Call(NamedTuple):
    """Something to tell the outside world, made only after the state that asks for it is safe."""

    call_id: str
    target: str
    body: bytes
    key: bytes


class Outcome(NamedTuple, Generic[S]):
    """What a processor answers to a record or a deadline."""

    state: S | None
    """The new state; None forgets the key."""
    deadline: datetime | None = None
    """Look at this key again then, even if nothing arrives."""
    out: Sequence[Record] = ()
    calls: Sequence[Call] = ()
    revise: bool = False
    """Of the broadcast processor: look at every key of the partition again, now."""
    parts: Sequence[Part] = ()


class Codec(Protocol[S]):
    """State to bytes and back; the engine uses it once per key and flush."""

    def encode(self, state: S) -> bytes: ...
    def decode(self, data: bytes) -> S: ...


ALL_KEYS: Final = (b"",)
"""The prefixes of a processor that reads every record of its topics."""


class Processor(Protocol[S]):
    """A small deterministic machine: no Kafka, no clock, no I/O.

    `name` prefixes its keys in the task's store; `topics` are the input topics it reads, and of
    them the records whose keys begin with one of `prefixes`.
    `now` is the partition time. An exception out of `on_record` buries the record.
    """

    name: str
    topics: Collection[str]
    prefixes: tuple[bytes, ...]
    codec: Codec[S]

    def on_record(
        self, record: Record, state: S | None, shared: Shared, now: datetime
    ) -> Outcome[S]: ...

    def on_deadline(self, key: bytes, state: S, shared: Shared, now: datetime) -> Outcome[S]: ...
