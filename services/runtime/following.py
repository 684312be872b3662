"""A whole topic followed as it grows, so that an instance can tell what others have written too."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faust import Service

from schemas.topics import Topic
from services.runtime.logs import logger
from services.runtime.transaction import reader

_PAUSE_SECONDS = 1.0
_LOOK_SECONDS = 0.01
_FETCH_WAITS_MS = 100
"""Kafka answers a connection in order: so long at most a fetch without news holds up a question."""
_AT_ONCE = 500
"""After so many records others have their turn."""


class Following(Service):  # type: ignore[misc]
    """Gives every committed record of a topic to `take`, and begins anew where Kafka goes away.

    So a record may be given again, after later ones of its key that will come again too.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: Topic,
        partitions: int,
        take: Callable[[ConsumerRecord], None],
        newest: int | None = None,
    ) -> None:
        """Of each partition all records, or its `newest`; `partitions` unless the topic says."""
        super().__init__()
        self._bootstrap = bootstrap
        numbers = range(topic.partitions or partitions)
        self._places = [TopicPartition(topic.full_name, number) for number in numbers]
        self._take = take
        self._newest = newest
        self._consumer: AIOKafkaConsumer | None = None
        """While it reads."""
        self._told = False
        """Whether the absence of Kafka was told since it was last there."""

    async def caught_up(self, within: timedelta) -> bool:
        """Whether all was given that was committed when this was asked, at the latest `within`."""
        consumer = self._consumer
        if consumer is None:
            return False
        try:
            async with asyncio.timeout(within.total_seconds()):
                ends = await consumer.end_offsets(self._places)
                for place, end in ends.items():
                    # Behind the last record may be a marker: the position counts.
                    while await consumer.position(place) < end:  # noqa: ASYNC110 - tells nobody
                        await asyncio.sleep(_LOOK_SECONDS)
        except (TimeoutError, KafkaError, ConsumerStoppedError):
            return False
        return consumer is self._consumer

    @Service.task  # type: ignore[untyped-decorator]
    async def _follow(self) -> None:
        while not self.should_stop:
            consumer = reader(self._bootstrap, fetch_max_wait_ms=_FETCH_WAITS_MS)
            try:
                await self._read(consumer)
            except KafkaError as error:
                if not self._told:
                    topic = self._places[0].topic
                    logger(__name__).warning("out of sight", topic=topic, error=repr(error))
                self._told = True
            finally:
                self._consumer = None
                await consumer.stop()
            await self.sleep(_PAUSE_SECONDS)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        await consumer.start()
        if not await self._found(consumer):
            return
        self._consumer = consumer
        while not self.should_stop:
            found = await consumer.getmany(timeout_ms=500, max_records=_AT_ONCE)
            for records in found.values():
                for record in records:
                    self._take(record)
            await asyncio.sleep(0)

    async def _found(self, consumer: AIOKafkaConsumer) -> bool:
        """Go to where it is to begin; false while the topic is not there yet."""
        if self._places[0].topic not in await consumer.topics():
            return False
        consumer.assign(self._places)
        begins = await consumer.beginning_offsets(self._places)
        if self._newest is not None:
            ends = await consumer.end_offsets(self._places)
            begins = {each: max(at, ends[each] - self._newest) for each, at in begins.items()}
        for place, at in begins.items():
            consumer.seek(place, at)
        self._told = False
        return True
