"""Brings a store up to date with its changelog."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.progress import UnsafeStateError
from services.runtime.store import Store


class Recovery:
    """Reads one changelog partition from where the store stands to its stable end."""

    def __init__(self, bootstrap: str, changelog: TopicPartition, passing: Passing = go_on) -> None:
        self.done = 0
        self.total = 0
        """In offsets, for progress: markers of transactions count too."""
        self._bootstrap = bootstrap
        self._changelog = changelog
        self._passing = passing

    async def run(self, store: Store) -> None:
        """Raises UnsafeStateError when the changelog is not the one the store was written with."""
        place = self._changelog
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        await consumer.start()
        try:
            consumer.assign([place])
            first = (await consumer.beginning_offsets([place]))[place]
            end = (await consumer.end_offsets([place]))[place]
            start = store.offset + 1
            if not first <= start <= end:
                raise UnsafeStateError(f"{place} has {first} to {end}, the store wants {start}")
            self.total = end - start
            consumer.seek(place, start)
            # The last offsets are a marker and no record, so the position counts, not the records.
            while (position := await consumer.position(place)) < end:
                self.done = position - start
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    store.write({r.key: r.value for r in records}, records[-1].offset)
                    self._passing(Point.RECOVERY)
            self.done = self.total
        finally:
            await consumer.stop()
