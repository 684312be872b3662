"""Outputs that wait for the flush: those of one topic and key become one record."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.runtime.processor import Join, Part, Record

MOST_WAITING = 1000
"""Beyond it they are joined before the flush: a record stays far below what Kafka takes."""


class Unjoined(NamedTuple):
    """Parts of which no record could be made."""

    topic: str
    key: bytes
    error: Exception


class Joining:
    """The parts that wait, by topic and key, in the order in which they came."""

    def __init__(self, joins: Mapping[str, Join]) -> None:
        """`joins` says for each topic how its parts become a record's value."""
        self.unjoined: list[Unjoined] = []
        self._joins = joins
        self._waiting: dict[tuple[str, bytes], list[Any]] = {}
        self._count = 0
        self._at = 0
        self._joined: list[tuple[int, Record]] = []

    def add(self, at: int, part: Part) -> None:
        """One more, said at that moment in ms."""
        self._at = at
        self._waiting.setdefault((part.topic, part.key), []).append(part.value)
        self._count += 1
        if self._count >= MOST_WAITING:
            self._join()

    def take(self) -> list[tuple[int, Record]]:
        """The records of all parts since the last call, each with the moment of a last part."""
        if self._count:
            self._join()
        joined, self._joined = self._joined, []
        return joined

    def _join(self) -> None:
        """What cannot be joined is told of, and must not keep the others from being written."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        for (topic, key), values in waiting.items():
            try:
                record = Record(topic, key, self._joins[topic](values))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one of them
                self.unjoined.append(Unjoined(topic, key, error))
            else:
                self._joined.append((self._at, record))
