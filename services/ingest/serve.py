"""Runs the HTTP edge as a process: its application, its metrics, and an orderly end."""

import asyncio
import signal

import uvicorn
from prometheus_client import CollectorRegistry

from services.ingest.http import create_app
from services.ingest.settings import HttpSettings
from services.runtime.garbage import collect_seldom
from services.runtime.metrics import MetricsServer
from services.runtime.web import BoundedHttp

_KEEP_ALIVE_SECONDS = 30


def serve_http(settings: HttpSettings) -> int:
    """Serve until SIGTERM or SIGINT; answers the exit code."""
    for each in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal once more after it has ended: by then it has been obeyed.
        signal.signal(each, lambda *_: None)
    return asyncio.run(_serve(settings))


async def _serve(settings: HttpSettings) -> int:
    registry = CollectorRegistry()
    server = uvicorn.Server(_config(settings, registry))
    metrics = MetricsServer(registry, settings)
    collect_seldom()
    await metrics.start()
    try:
        await server.serve()
    finally:
        await metrics.stop()
    return 0 if server.started else 1


def _config(settings: HttpSettings, registry: CollectorRegistry) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, registry=registry),
        host=settings.http_host,
        port=settings.http_port,
        http=BoundedHttp,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.drained_within.total_seconds()),
    )
