"""Sees to it that a running service keeps the changelog that it began with."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.progress import LostChangelogError

LOOK_SECONDS = 3.0
_ANSWERED_WITHIN_SECONDS = 3.0
"""Of a topic that goes between two questions the client asks on for a minute."""
_MISSES = 2
"""A broker that has just started may not know all topics yet."""


class ChangelogWatch:
    """Notices a changelog that is deleted or cut off while nobody reads it."""

    def __init__(self, changelog: str) -> None:
        self._changelog = changelog
        self._missed = 0
        self._first: dict[TopicPartition, int] = {}

    async def look(self, consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> None:
        """Raises LostChangelogError; a broker that does not answer is no evidence."""
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(_ANSWERED_WITHIN_SECONDS):
                there = self._changelog in await consumer.topics()
                self._missed = 0 if there else self._missed + 1
                firsts = await consumer.beginning_offsets(list(places)) if there else {}
            self._compare(firsts)
        if self._missed == _MISSES:
            raise LostChangelogError(f"{self._changelog} was deleted")

    def _compare(self, firsts: dict[TopicPartition, int]) -> None:
        for place, first in firsts.items():
            if first > self._first.setdefault(place, first):
                raise LostChangelogError(f"{place} was cut off before {first}")
