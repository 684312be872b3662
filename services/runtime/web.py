"""Answers people over HTTP in the same event loop: uvicorn as a Faust service."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from faust import Service
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.runtime.settings import RuntimeSettings

_MOST_BESIDE_THE_BODY = 256 * 1024


class BoundedHttp(HttpToolsProtocol):
    """Ends the connection of a request that is endless beside its body, which httptools takes."""

    _beside_the_body = 0

    def data_received(self, data: bytes) -> None:
        self._beside_the_body += len(data)
        super().data_received(data)
        if self._beside_the_body > _MOST_BESIDE_THE_BODY and not self.transport.is_closing():
            self.send_400_response("The headers have no end.")

    def on_message_begin(self) -> None:
        self._beside_the_body = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._beside_the_body -= len(body)
        super().on_body(body)


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
                http=BoundedHttp,
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
