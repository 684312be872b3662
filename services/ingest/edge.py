"""One request's way from its key to its answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.ingest.answers import batch_answer
from services.ingest.core.admission import Admitted
from services.ingest.core.rate import TokenBucket
from services.ingest.framing import framing_of, rows_of
from services.ingest.intake import Batch, Intake
from services.ingest.metrics import IngestMetrics, Outcome
from services.ingest.settings import HttpSettings
from services.runtime.bodies import BodyLimits, read_body
from services.runtime.clock import Clock, monotonic
from services.runtime.keys.bearer import bearer
from services.runtime.keys.live import LiveSources
from services.runtime.keys.source import Source
from services.runtime.logs import bound, logger
from services.runtime.problems import SOON, Problem
from services.runtime.writer import Unavailable, Writer

_ROWS_AT_A_TIME: Final = 50
"""After so many rows others have their turn."""


class Edge:
    """Takes batches of events from sources that it knows, and answers when they are safe."""

    def __init__(
        self, settings: HttpSettings, clock: Clock, journal: Writer, metrics: IngestMetrics
    ) -> None:
        self._settings = settings
        self._sources = LiveSources(settings.sources)
        self._intake = Intake(clock)
        self._journal = journal
        self._metrics = metrics
        self._buckets: dict[str, TokenBucket] = {}
        self._in_flight = 0
        self._limits = BodyLimits(
            settings.batch_bytes, settings.unpacked_bytes, settings.body_within
        )

    async def post_events(self, request: Request) -> Response:
        """The answer to `POST /v1/events`. Raises Problem."""
        with self._metrics.request_seconds.time(), self._counted():
            source = bearer(request, self._sources.keyring())
            dry_run, framing = _is_dry_run(request), framing_of(request)
            bucket = self._bucket(source)
            with self._place():
                body = await read_body(request, self._limits)
                rows = rows_of(body, framing, self._settings.batch_rows)
                bucket.spend(len(rows))
                batch = await self._judge(source, rows)
                if dry_run:
                    return _answer(batch, 200)
                await self._make_safe(batch)
                return _answer(batch, 202)

    def _bucket(self, source: Source) -> TokenBucket:
        now, rate, burst = monotonic(), self._settings.rows_per_second, self._settings.rows_at_once
        bucket = self._buckets.setdefault(source.key_id, TokenBucket.full(rate, burst, now))
        wait = bucket.wait(now)
        if wait > 0:
            says = f"{source.key_id} sends more than {rate:g} rows a second"
            raise Problem(429, "rate_limited", says, retry_after=timedelta(seconds=wait))
        return bucket

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._in_flight >= self._settings.requests_in_flight:
            raise Problem(503, "busy", "too many requests are under way", retry_after=SOON)
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    async def _judge(self, source: Source, rows: list[bytes]) -> Batch:
        batch = self._intake.open(source.key_id)
        for number, row in enumerate(rows, 1):
            self._intake.judge(batch, row, source, f"http:{source.key_id}")
            if number % _ROWS_AT_A_TIME == 0:
                await asyncio.sleep(0)
        return batch

    async def _make_safe(self, batch: Batch) -> None:
        try:
            await self._journal.write(batch.records)
        except Unavailable:
            says = "Kafka did not acknowledge; send the whole batch again with the same event_ids"
            raise Problem(503, "unavailable", says, retry_after=SOON) from None
        self._intake.keep(batch)
        self._metrics.judged(batch.verdicts)
        _tell_refused(batch)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except Problem as problem:
            self._metrics.count(_OUTCOMES.get(problem.status, Outcome.INVALID))
            raise


_OUTCOMES: Final = {
    401: Outcome.UNAUTHORIZED,
    413: Outcome.TOO_LARGE,
    429: Outcome.RATE_LIMITED,
    503: Outcome.UNAVAILABLE,
}


def _is_dry_run(request: Request) -> bool:
    said = request.query_params.get("dry_run", "0")
    if said not in ("0", "1"):
        raise Problem(400, "bad_dry_run", "dry_run is 0 or 1")
    return said == "1"


def _answer(batch: Batch, status: int) -> Response:
    accepted = any(isinstance(verdict, Admitted) for verdict in batch.verdicts)
    content = batch_answer(batch.verdicts)
    return Response(content, status if accepted else 422, media_type="application/json")


def _tell_refused(batch: Batch) -> None:
    for number, verdict in enumerate(batch.verdicts, 1):
        if not isinstance(verdict, Admitted):
            with bound(event_id=verdict.event_id, subject_id=verdict.subject_id):
                logger(__name__).info(
                    "row_refused",
                    source=batch.source,
                    row=number,
                    reason=verdict.reason.value,
                    field=verdict.field,
                )
