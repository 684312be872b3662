"""Brings a store up to date with its changelog."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.progress import ORIGIN, LostChangelogError
from services.runtime.store import Store
from services.runtime.transaction import reader


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
        """Raises LostChangelogError when the changelog is not whole."""
        place = self._changelog
        consumer = reader(self._bootstrap, auto_offset_reset="none")
        await consumer.start()
        try:
            consumer.assign([place])
            first = (await consumer.beginning_offsets([place]))[place]
            consumer.seek(place, first)
            end = (await consumer.end_offsets([place]))[place]
            origin = await self._origin(consumer, end)
            if origin is None and store.offset >= 0:
                raise LostChangelogError(f"{place} is empty, the store goes to {store.offset}")
            if store.offset >= 0 and store.get(ORIGIN) != origin:
                store.discard(f"another changelog than {place} wrote it")
            start = max(first, store.offset + 1)
            if start > end:
                raise LostChangelogError(f"{place} ends at {end}, the store at {start}")
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

    async def _origin(self, consumer: AIOKafkaConsumer, end: int) -> bytes | None:
        """The name in its first committed record; None as long as it has none."""
        place = self._changelog
        while await consumer.position(place) < end:
            for records in (await consumer.getmany(timeout_ms=100, max_records=1)).values():
                if records[0].key != ORIGIN:
                    raise LostChangelogError(f"{place} has lost its beginning")
                name: bytes | None = records[0].value
                return name
        return None
