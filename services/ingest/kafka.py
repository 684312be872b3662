"""The second way in: admits what field systems publish to Kafka themselves."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faust import Service
from prometheus_client import CollectorRegistry

from schemas.topics import EVENTS, FIELD_REPORTS, QUARANTINE
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Refused
from services.ingest.intake import Batch, Intake
from services.ingest.metrics import IngestMetrics
from services.ingest.settings import KafkaSettings
from services.runtime.app import ServiceApp, run
from services.runtime.clock import Clock, parse_clock
from services.runtime.keys.live import LiveSources
from services.runtime.keys.source import Source
from services.runtime.lag import lag_of
from services.runtime.logs import logger
from services.runtime.metrics import MetricsServer
from services.runtime.moments import to_ms
from services.runtime.writer import Unavailable, Writer

GROUP: Final = "chasqui.ingest"
_TOPICS: Final = tuple(topic.full_name for topic in (FIELD_REPORTS, EVENTS, QUARANTINE))
_NOBODY: Final = "unknown"
_PAUSE_SECONDS: Final = 1.0
_LEFT_WITHIN_SECONDS: Final = 5.0
_POLL_MS: Final = 500

Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord]]


class FieldReports(Service):  # type: ignore[misc]
    """Reads reports, and moves on only when each is in the journal or in quarantine.

    A report may be written again after a crash: its identity makes that harmless.
    """

    def __init__(self, settings: KafkaSettings, clock: Clock, metrics: IngestMetrics) -> None:
        super().__init__()
        self._settings = settings
        self._sources = LiveSources(settings.sources)
        self._intake = Intake(clock)
        # No patience: what was read must be written, and the producer goes on until it is.
        self._journal = Writer(settings.kafka_bootstrap_servers, None)
        self._metrics = metrics
        self._clock = clock
        self._read_at: dict[TopicPartition, int] = {}

    async def on_start(self) -> None:
        await self._journal.start()

    async def on_stop(self) -> None:
        await self._journal.stop()

    @Service.task  # type: ignore[untyped-decorator]
    async def _read(self) -> None:
        await self._topics_are_there()
        consumer = self._consumer()
        try:
            await consumer.start()
            while not self.should_stop:
                fetched = await consumer.getmany(
                    timeout_ms=_POLL_MS, max_records=self._settings.reports_at_once
                )
                if fetched:
                    await self._take(consumer, fetched)
                await self._measure(consumer)
        finally:
            # A Kafka that is away need not know that we leave.
            with suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_LEFT_WITHIN_SECONDS):
                    await consumer.stop()

    async def _topics_are_there(self) -> None:
        told = False
        while (missing := await self._journal.missing(_TOPICS)) != []:
            if missing and not told:  # of an absent Kafka the journal tells
                logger(__name__).warning("waiting_for_topics", missing=missing)
                told = True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _take(self, consumer: AIOKafkaConsumer, fetched: Fetched) -> None:
        with self._metrics.request_seconds.time():
            batches = [self._judged(report) for reports in fetched.values() for report in reports]
            await self._make_safe(batches)
            self._metrics.judged([each for batch in batches for each in batch.verdicts])
        await _commit(consumer, fetched)
        self._read_at |= {place: reports[-1].timestamp for place, reports in fetched.items()}

    async def _measure(self, consumer: AIOKafkaConsumer) -> None:
        since = to_ms(self._clock.wall())
        self._read_at = {each: self._read_at.get(each, since) for each in consumer.assignment()}
        self._metrics.lag(*await lag_of(consumer, self._read_at, self._clock))

    def _judged(self, report: ConsumerRecord) -> Batch:
        row = report.value or b""
        origin = f"kafka:{report.topic}/{report.partition}/{report.offset}"
        source = self._holder(report)
        batch = self._intake.open(source.key_id if source else _NOBODY)
        if source is None:
            self._intake.bury(batch, row, _UNKNOWN_SOURCE, origin)
        else:
            self._intake.judge(batch, row, source, origin)
        self._intake.keep(batch)
        return batch

    def _holder(self, report: ConsumerRecord) -> Source | None:
        headers = {
            name: value.decode("utf-8", "replace") for name, value in report.headers if value
        }
        _, _, bearer = headers.get("authorization", "").partition(" ")
        return self._sources.keyring().holder((headers.get("key") or bearer).strip())

    async def _make_safe(self, batches: Sequence[Batch]) -> None:
        records = [record for batch in batches for record in batch.records]
        while True:
            try:
                return await self._journal.write(records)
            except Unavailable:
                await asyncio.sleep(_PAUSE_SECONDS)

    def _consumer(self) -> AIOKafkaConsumer:
        session_ms = self._settings.session_timeout // timedelta(milliseconds=1)
        return AIOKafkaConsumer(
            FIELD_REPORTS.full_name,
            bootstrap_servers=self._settings.kafka_bootstrap_servers,
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 5,
        )


_UNKNOWN_SOURCE: Final = Refused(
    RefusalReason.NOT_ALLOWED,
    "key",
    "the header key, <key id>.<secret>, names no source that is known",
)


async def _commit(consumer: AIOKafkaConsumer, fetched: Fetched) -> None:
    try:
        await consumer.commit({each: reports[-1].offset + 1 for each, reports in fetched.items()})
    except KafkaError as error:
        # Whoever has the partition now reads the same reports again.
        logger(__name__).warning("offsets_not_committed", error=type(error).__name__)


def serve_kafka(settings: KafkaSettings) -> None:
    """Admit field reports until SIGTERM or SIGINT (exit 0) or a crash (exit 1).

    Raises SourcesFileError.
    """
    # Faust makes the last folder of its path only.
    (settings.state_dir / "ingest").mkdir(parents=True, exist_ok=True)
    registry, clock = CollectorRegistry(), parse_clock(settings.clock)
    reports = FieldReports(settings, clock, IngestMetrics(registry, "kafka", clock))
    run(ServiceApp("ingest", settings, MetricsServer(registry, settings), reports), settings)
