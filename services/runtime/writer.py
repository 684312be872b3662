"""Writes records to Kafka and says so only when Kafka has acknowledged them all."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import chain

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.runtime.batches import Batches
from services.runtime.logs import logger
from services.runtime.processor import Record

_PAUSE = timedelta(seconds=1)
_ANSWERS_WITHIN = timedelta(seconds=3)
_ENDS_WITHIN = timedelta(seconds=5)
_BATCH_BYTES = 512 * 1024
_LARGEST_RECORD = 2 * 1024 * 1024


class Unavailable(Exception):  # noqa: N818 -- a state of Kafka, not a fault of the caller
    """Kafka did not acknowledge: the outcome is not known, so all must be sent again."""


class Writer:
    """An idempotent producer that waits for a Kafka that is absent and outlives one that goes."""

    def __init__(self, bootstrap: str, patience: timedelta | None, *, quiet: bool = False) -> None:
        """`patience` is how long Kafka may take to acknowledge; None goes on until it does.

        It is `quiet` where another part of the process says already that Kafka is absent.
        """
        self._bootstrap = bootstrap
        self._quiet = quiet
        self._patience = None if patience is None else patience.total_seconds()
        self._producer: AIOKafkaProducer | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._waiting: dict[asyncio.Future[None], Sequence[Record]] = {}
        self._flushing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; does not wait for it."""
        self._connecting = asyncio.create_task(self._connect())

    async def stop(self) -> None:
        """Send what was taken, as far as that is possible in time."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        producer, self._producer = self._producer, None
        if producer is not None:
            await _end(producer)
        if self._flushing is not None:
            self._flushing.cancel()

    async def write(self, records: Sequence[Record]) -> None:
        """Write all, in order; returns when all are safe. Raises Unavailable."""
        if self._producer is None:
            raise Unavailable
        safe = asyncio.get_running_loop().create_future()
        self._waiting[safe] = records
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush())
        try:
            async with asyncio.timeout(self._patience):
                await safe
        except TimeoutError:
            raise Unavailable from None
        finally:
            self._waiting.pop(safe, None)

    async def missing(self, topics: Sequence[str]) -> list[str] | None:
        """Those of the topics that Kafka does not have; None when it does not answer."""
        producer = self._producer
        if producer is None:
            return None
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN.total_seconds()):
                cluster = await producer.client.fetch_all_metadata()
        except (TimeoutError, KafkaError):
            return None
        return [each for each in topics if not cluster.partitions_for_topic(each)]

    async def _flush(self) -> None:
        """Write what has come while the last flush was under way, until nothing comes."""
        while self._waiting:
            taken, self._waiting = self._waiting, {}
            fault = await self._fault(chain.from_iterable(taken.values()))
            for safe in taken:
                if safe.done():
                    continue  # its writer has lost patience
                if fault is None:
                    safe.set_result(None)
                else:
                    safe.set_exception(fault)

    async def _fault(self, records: Iterable[Record]) -> Exception | None:
        """Why the records are not safe; None when they are."""
        producer = self._producer
        if producer is None:
            return Unavailable()
        try:
            batches = Batches(producer)
            await batches.write([await batches.line(each) for each in records])
        except KafkaError as error:
            self._renew(producer, error)
            return Unavailable()
        except Exception as error:  # noqa: BLE001 -- nobody foresaw it: who writes is told
            return error
        return None

    def _renew(self, producer: AIOKafkaProducer, error: KafkaError) -> None:
        # A fault that is not worth a retry leaves an idempotent producer out of step for good.
        if self._producer is producer:
            logger(__name__).error("kafka_refused_a_record", error=type(error).__name__)
            self._producer = None
            self._connecting = asyncio.create_task(self._replace(producer))

    async def _replace(self, producer: AIOKafkaProducer) -> None:
        await _end(producer)
        await self._connect()

    async def _connect(self) -> None:
        log, said = logger(__name__), self._quiet
        while self._producer is None:
            producer = _producer(self._bootstrap)
            try:
                await producer.start()
            except Exception as error:  # noqa: BLE001 -- whatever it is, nobody else would try again
                await _end(producer)
                if not said:
                    log.warning(
                        "waiting_for_kafka", bootstrap=self._bootstrap, error=type(error).__name__
                    )
                said = True
                await asyncio.sleep(_PAUSE.total_seconds())
            else:
                self._producer = producer
                log.info("kafka_is_there", bootstrap=self._bootstrap)


def _producer(bootstrap: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=_BATCH_BYTES,
        max_request_size=_LARGEST_RECORD,
    )


async def _end(producer: AIOKafkaProducer) -> None:
    with suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(_ENDS_WITHIN.total_seconds()):
            await producer.stop()
