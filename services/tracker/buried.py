"""What was quarantined lately, so that a source can be told what became of its event."""

from collections.abc import Mapping
from typing import NamedTuple

import orjson
from aiokafka import ConsumerRecord

from schemas.topics import QUARANTINE
from services.runtime.following import Following

_TOLD = frozenset({"reason", "field", "detail", "received_at"})


class EventName(NamedTuple):
    """How a source names an event."""

    publisher: str
    kind: str
    subject_id: str
    event_id: str


class Buried(Following):
    """Follows the topic of quarantine and remembers the newest by name.

    Every instance follows all of it. What cannot be read, has no event_id of its own or is older
    than the newest `remembered` is found by `chasqui quarantine list` alone.
    """

    def __init__(self, bootstrap: str, partitions: int, remembered: int) -> None:
        super().__init__(bootstrap, QUARANTINE, partitions, self._remember, newest=remembered)
        self._remembered = remembered
        self._known: dict[EventName, Mapping[str, str]] = {}

    def find(self, name: EventName) -> Mapping[str, str] | None:
        """The reason, field, detail and moment of receipt; None if it is not remembered."""
        return self._known.get(name)

    def _remember(self, record: ConsumerRecord) -> None:
        name = named(record.value)
        if name is None:
            return
        self._known.pop(name, None)
        self._known[name] = {
            key: value.decode("utf-8", "replace") for key, value in record.headers if key in _TOLD
        }
        if len(self._known) > self._remembered:
            del self._known[next(iter(self._known))]


def named(value: bytes | None) -> EventName | None:
    """The name of what was quarantined, where it can be read at all."""
    try:
        event = orjson.loads(value or b"")
        parts = [event[field] for field in EventName._fields]
    except (ValueError, KeyError, TypeError):
        return None
    return EventName(*parts) if all(isinstance(part, str) for part in parts) else None
