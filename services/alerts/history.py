"""What was done about an alert: its entries in the topic `audit`, found by their time."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import AUDIT
from services.runtime.clock import monotonic
from services.runtime.moments import to_ms
from services.runtime.partition import partition_of
from services.runtime.problems import SOON, Problem
from services.runtime.transaction import reader

_ENTRIES = 200
_AT_ONCE = 4
_CLOCKS_APART = timedelta(minutes=10)
"""Brokers stamp records by their own clocks."""
_READ_FOR = timedelta(seconds=5)
_ANSWERS_WITHIN = timedelta(seconds=15)


class History(NamedTuple):
    """Entries as JSON, the oldest first: the newest 200, or those read in time."""

    entries: list[bytes]
    complete: bool


class Histories:
    """Reads an alert's partition of the audit from when the alert was opened: nothing is kept."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        """`partitions` unless the topic says otherwise."""
        self._bootstrap = bootstrap
        self._partitions = AUDIT.partitions or partitions
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def of(self, alert_id: str, opened_at: datetime) -> History:
        """All that was committed when this was asked. Raises Problem 503."""
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN.total_seconds()), self._slots:
                return await self._read(alert_id.encode(), opened_at - _CLOCKS_APART)
        except (TimeoutError, KafkaError):
            says = "Kafka does not tell what was done about it"
            raise Problem(503, "unavailable", says, retry_after=SOON) from None

    async def _read(self, key: bytes, since: datetime) -> History:
        place = TopicPartition(AUDIT.full_name, partition_of(key, self._partitions))
        consumer = reader(self._bootstrap)
        try:
            await consumer.start()
            # Before it fetches: Kafka answers a connection in order.
            end = (await consumer.end_offsets([place]))[place]
            found = (await consumer.offsets_for_times({place: to_ms(since)}))[place]
            if found is None:
                return History([], complete=True)
            consumer.assign([place])
            consumer.seek(place, found.offset)
            return await _entries(consumer, place, end, key)
        finally:
            await consumer.stop()


async def _entries(
    consumer: AIOKafkaConsumer, place: TopicPartition, end: int, key: bytes
) -> History:
    entries: deque[bytes] = deque(maxlen=_ENTRIES)
    count, until = 0, monotonic() + _READ_FOR.total_seconds()
    while (in_time := monotonic() < until) and await consumer.position(place) < end:
        for records in (await consumer.getmany(timeout_ms=100, max_records=2000)).values():
            found = [record.value for record in records if record.key == key]
            entries.extend(found)
            count += len(found)
    return History(list(entries), complete=in_time and count == len(entries))
