"""How a key and its state look in the store and in the changelog."""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from services.runtime.deadlines import NEVER, Hint
from services.runtime.processor import Processor

_DEADLINE = struct.Struct(">q")
_BROKEN = NEVER - 1


class Stored(Protocol):
    """Encoded states that are safe already."""

    def get(self, key: bytes) -> bytes | None: ...
    def scan(self, prefix: bytes, since: bytes = b"") -> Iterator[tuple[bytes, bytes]]: ...
    def hints(self, since: Hint) -> Iterator[Hint]: ...


class Entry(NamedTuple):
    """What is kept of one key: its state, its deadline in ms, whether its last deadline failed."""

    processor: Processor[Any]
    state: Any | None
    deadline: int | None = None
    broken: bool = False


def stored_key(processor: str, key: bytes) -> bytes:
    """A processor's keys are together; a processor's name has no zero byte."""
    return b"%b\0%b" % (processor.encode(), key)


def split(stored: bytes) -> tuple[bytes, bytes]:
    """The processor's name and the key."""
    name, _, key = stored.partition(b"\0")
    return name, key


def encode(entry: Entry) -> bytes | None:
    """An 8-byte deadline, so that recovery need not decode the state behind it; None forgets."""
    if entry.state is None:
        return None
    never = _BROKEN if entry.broken else NEVER
    deadline = never if entry.deadline is None else entry.deadline
    return _DEADLINE.pack(deadline) + entry.processor.codec.encode(entry.state)


def decode(processor: Processor[Any], value: bytes | None) -> Entry:
    if value is None:
        return Entry(processor, None)
    state = processor.codec.decode(value[_DEADLINE.size :])
    broken = _DEADLINE.unpack_from(value)[0] == _BROKEN
    return Entry(processor, state, deadline_of(value), broken)


def deadline_of(value: bytes) -> int | None:
    deadline: int = _DEADLINE.unpack_from(value)[0]
    return None if deadline >= _BROKEN else deadline
