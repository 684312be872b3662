"""Answers people over HTTP in the same event loop: uvicorn as a Faust service."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from faust import Service
from starlette.types import ASGIApp

from services.runtime.settings import RuntimeSettings


class _Server(uvicorn.Server):
    """Leaves the signals to the process that hosts it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer(Service):  # type: ignore[misc]
    """Serves an ASGI application on http_host:http_port until the process stops."""

    def __init__(self, application: ASGIApp, settings: RuntimeSettings) -> None:
        super().__init__()
        self._server = _Server(
            uvicorn.Config(
                application,
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=5,
            )
        )

    @property
    def serving(self) -> bool:
        """Whether it listens already."""
        return bool(self._server.started)

    @Service.task  # type: ignore[untyped-decorator]
    async def _serve(self) -> None:
        await self._server.serve()

    async def on_stop(self) -> None:
        self._server.should_exit = True
