"""Lets time pass in a partition where nothing arrives: by a record, like all else."""

from contextlib import suppress
from datetime import timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.times import wire
from services.runtime.clock import Clock, monotonic
from services.runtime.moments import from_ms, to_ms
from services.runtime.task import Task

_IN_FLIGHT = timedelta(milliseconds=250)
"""Records stamped before a tick may still be on their way; wall time."""
_AGAIN_SECONDS = 10.0


class Ticks:
    """Appends `tick {at}` to the journal; it acts only when it is read back."""

    def __init__(self, bootstrap: str, journal: str, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._sent: dict[int, tuple[int, float]] = {}
        self._under_way: set[int] = set()
        self._producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
        self.start, self.stop = self._producer.start, self._producer.stop

    def due(self, task: Task) -> int | None:
        """The moment in ms to tick, if a deadline has come and no tick is on its way."""
        deadline = task.partition.deadlines.first()
        now = to_ms(self._clock.now(_IN_FLIGHT)) if self._clock.ticks else 0
        if deadline is None or deadline > now or task.number in self._under_way:
            return None
        at, sent_at = self._sent.get(task.number, (0, 0.0))
        read_back = task.partition.time >= at
        return now if read_back or monotonic() - sent_at > _AGAIN_SECONDS else None

    async def append(self, partition: int, at: int) -> None:
        self._sent[partition] = (at, monotonic())
        self._under_way.add(partition)
        value = f'{{"at":"{wire(from_ms(at))}","type":"tick"}}'.encode()
        headers = [("at", b"%d" % at)]
        try:
            with suppress(KafkaError):  # it will be due again
                await self._producer.send_and_wait(
                    self._journal, value, partition=partition, headers=headers
                )
        finally:
            self._under_way.discard(partition)
