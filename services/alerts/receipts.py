"""Puts what sinks answered on the topic `receipts`, from where it comes back to the subject."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.times import wire
from schemas.topics import RECEIPTS
from services.alerts.core.outbox import Receipt
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.processor import Call

_CLOSED_WITHIN = timedelta(seconds=3)


class Receipts:
    """Writes receipts; connects at the first."""

    def __init__(self, bootstrap: str, clock: Clock) -> None:
        """`bootstrap` names the Kafka."""
        self._bootstrap = bootstrap
        self._clock = clock
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def write(self, call: Call, answer: Answer) -> None:
        """Write one down, under the key of its subject. Raises KafkaError."""
        receipt = Receipt(
            call_id=call.call_id,
            sink=call.target,
            outcome=answer.outcome,
            at=wire(self._clock.wall()),
            status=answer.status,
            detail=answer.detail,
            retry_at=None if answer.retry_at is None else wire(answer.retry_at),
        )
        value = msgspec.json.encode(receipt)
        producer = await self._connected()
        await producer.send_and_wait(RECEIPTS.full_name, value, key=call.key)

    async def close(self) -> None:
        """Disconnect; what Kafka does not take by then is given up, and the call made again."""
        if self._producer is not None:
            with suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_CLOSED_WITHIN.total_seconds()):
                    await self._producer.stop()

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, enable_idempotence=True
                )
                try:
                    await producer.start()
                except BaseException:
                    with suppress(Exception):
                        await producer.stop()
                    raise
                self._producer = producer
        return self._producer
