"""The HTTP edge: an application of its own, so that a rebalance never blocks acceptance."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.topics import EVENTS, QUARANTINE
from services.ingest.edge import Edge
from services.ingest.metrics import IngestMetrics
from services.ingest.openapi import document
from services.ingest.settings import HttpSettings
from services.runtime.clock import Clock, parse_clock
from services.runtime.problems import HANDLERS, SOON, Problem
from services.runtime.writer import Writer

_WRITTEN = (EVENTS.full_name, QUARANTINE.full_name)


def create_app(
    settings: HttpSettings, *, clock: Clock | None = None, registry: CollectorRegistry | None = None
) -> Starlette:
    """The application; it connects to Kafka for as long as it lives. Raises SourcesFileError."""
    journal = Writer(settings.kafka_bootstrap_servers, settings.kafka_patience)
    clock = clock or parse_clock(settings.clock)
    metrics = IngestMetrics(registry or CollectorRegistry(), "http", clock)
    edge = Edge(settings, clock, journal, metrics)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await journal.start()
        yield
        await journal.stop()

    async def readyz(_: Request) -> Response:
        return await _readiness(journal)

    return Starlette(
        routes=[
            Route("/v1/events", edge.post_events, methods=["POST"]),
            Route("/healthz", _healthz),
            Route("/readyz", readyz),
            Route("/openapi.json", _openapi),
        ],
        lifespan=lifespan,
        exception_handlers=HANDLERS,
    )


async def _healthz(_: Request) -> Response:
    return _json({"status": "ok"})


async def _readiness(journal: Writer) -> Response:
    missing = await journal.missing(_WRITTEN)
    if missing is None:
        raise Problem(503, "kafka_unreachable", "Kafka does not answer", retry_after=SOON)
    if missing:
        says = f"Kafka has no topic {', '.join(missing)}"
        raise Problem(503, "topics_missing", says, retry_after=SOON)
    return _json({"status": "ready"})


async def _openapi(_: Request) -> Response:
    return _json(document())


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
