"""Says whether a process is alive, and whether its states can be relied on."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.runtime.engine import Owned


class Progress(Protocol):
    """The part of the engine that tells how far it is."""

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered."""

    def owned(self) -> Mapping[int, Owned]:
        """The partitions of this instance and how far each is."""


def health_routes(progress: Progress) -> list[Route]:
    """`/healthz` answers while the process lives, `/readyz` 200 once its states are recovered."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        ready = progress.ready
        partitions = {
            str(number): own._asdict() for number, own in sorted(progress.owned().items())
        }
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": ready, "partitions": partitions}, status)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]
