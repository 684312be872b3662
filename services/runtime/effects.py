"""What handling left to be done outside: made safe by a flush, or told of because it failed."""

from typing import NamedTuple

from services.runtime.deadlines import Hint
from services.runtime.processor import Call, Record


class Failure(NamedTuple):
    """A record that was buried, or, where there is no `record`, a key that failed.

    Its deadline raised, or its parts could not be joined: then `processor` is the topic.
    """

    processor: str
    key: bytes | None
    record: Record | None
    error: Exception


class Effects(NamedTuple):
    """What one flush makes safe, and then tells the outside world."""

    writes: dict[bytes, bytes | None]
    outputs: list[Record]
    calls: list[Call]
    dropped: list[Hint]
    """Deadlines that hold no longer; those that hold are in what is written."""
