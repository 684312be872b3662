"""What was quarantined lately, so that a source can be told what became of its event."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faust import Service

from schemas.topics import QUARANTINE
from services.runtime.logs import logger

_TOLD = frozenset({"reason", "field", "detail", "received_at"})
_PAUSE_SECONDS = 1.0


class EventName(NamedTuple):
    """How a source names an event."""

    publisher: str
    kind: str
    subject_id: str
    event_id: str


class Buried(Service):  # type: ignore[misc]
    """Follows the topic of quarantine and remembers the newest by name.

    Every instance follows all of it. What cannot be read, has no event_id of its own or is older
    than the newest `remembered` is found by `chasqui quarantine list` alone.
    """

    def __init__(self, bootstrap: str, partitions: int, remembered: int) -> None:
        super().__init__()
        self._bootstrap = bootstrap
        self._partitions = partitions
        self._remembered = remembered
        self._known: dict[EventName, Mapping[str, str]] = {}
        self._told = False
        """Whether the absence of Kafka was told since it was last there."""

    def find(self, name: EventName) -> Mapping[str, str] | None:
        """The reason, field, detail and moment of receipt; None if it is not remembered."""
        return self._known.get(name)

    @Service.task  # type: ignore[untyped-decorator]
    async def _follow(self) -> None:
        """Go on from anew whenever Kafka or the topic is not there: the index is a convenience."""
        while not self.should_stop:
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap,
                isolation_level="read_committed",
                enable_auto_commit=False,
            )
            try:
                await self._read(consumer)
            except KafkaError as error:
                if not self._told:
                    logger(__name__).warning("quarantine is out of sight", error=repr(error))
                self._told = True
            finally:
                await consumer.stop()
            await self.sleep(_PAUSE_SECONDS)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        await consumer.start()
        if not await self._found(consumer):
            return
        while not self.should_stop:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    self._remember(record)

    async def _found(self, consumer: AIOKafkaConsumer) -> bool:
        """Go to where the newest begin; false while the topic is not there yet."""
        if QUARANTINE.full_name not in await consumer.topics():
            return False
        places = [TopicPartition(QUARANTINE.full_name, n) for n in range(self._partitions)]
        consumer.assign(places)
        first, end = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, max(first[place], end[place] - self._remembered))
        self._told = False
        return True

    def _remember(self, record: Any) -> None:
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
