"""Says whether alerts is alive, and whether it can be relied on."""

from collections.abc import Callable, Mapping
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.runtime.engine import Owned


class Progress(Protocol):
    """The part of the engine that tells how far it is."""

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered."""

    def owned(self) -> Mapping[int, Owned]:
        """The partitions of this instance."""


def create_http(progress: Progress) -> Starlette:
    """`/healthz` answers while the process lives, `/readyz` 200 once its states are recovered."""
    routes = [
        Route("/healthz", _healthz, methods=["GET"]),
        Route("/readyz", _readyz(progress), methods=["GET"]),
    ]
    return Starlette(routes=routes)


async def _healthz(request: Request) -> JSONResponse:
    del request
    return JSONResponse({"alive": True})


def _readyz(progress: Progress) -> Callable[[Request], JSONResponse]:
    def readyz(request: Request) -> JSONResponse:
        del request
        ready = progress.ready
        partitions = {
            str(number): {
                "ready": each.ready,
                "recovered": each.recovered,
                "to_recover": each.to_recover,
            }
            for number, each in sorted(progress.owned().items())
        }
        body = {"ready": ready, "partitions": partitions}
        return JSONResponse(body, status_code=200 if ready else 503)

    return readyz
