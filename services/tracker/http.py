"""Answers what is known of a movement or an event; asks the owner where this is not the one."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Protocol

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas.times import wire
from services.runtime.engine import Owned
from services.tracker.buried import EventName
from services.tracker.core.merge import Register
from services.tracker.core.movement import Movement
from services.tracker.core.view import Json, dumps

FORWARDED = "x-chasqui-forwarded"
"""Set on a request that was passed on once: whoever gets it answers, or nobody does."""
RETRY_AFTER_SECONDS = "2"
OWNER_SECONDS = 5.0

Answer = Callable[[Request], Awaitable[Response]]


class States(Protocol):
    """The part of the engine that is asked."""

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered."""

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance and how far each is."""

    def partition_of(self, key: bytes) -> int:
        """The partition of a key."""

    def get(self, processor: str, key: bytes) -> Movement | None:
        """The state of a key of an own partition."""


class Owners(Protocol):
    """Tells who owns a partition."""

    async def url_of(self, partition: int) -> str | None:
        """The URL of the owner; None while nobody is."""


class Quarantined(Protocol):
    """Tells what was quarantined."""

    def find(self, name: EventName) -> object | None:
        """Why an event was quarantined; None if it was not."""


def create_http(
    states: States, owners: Owners, buried: Quarantined, client: httpx.AsyncClient
) -> Starlette:
    """The tracker's read-only interface."""
    asking = _Asking(states, owners, client)

    async def movement(request: Request) -> Response:
        return await asking.answer(request, _movement)

    async def event(request: Request) -> Response:
        name = EventName(**request.path_params)
        return await asking.answer(request, lambda known: _event(known, name, buried))

    return Starlette(
        routes=[
            Route("/v1/movements/{kind}/{subject_id}", movement, methods=["GET"]),
            Route("/v1/events/{publisher}/{kind}/{subject_id}/{event_id}", event, methods=["GET"]),
            Route("/healthz", _healthz, methods=["GET"]),
            Route("/readyz", _readyz(states), methods=["GET"]),
        ]
    )


class _Asking:
    """Finds the state of a subject here, or has its owner answer."""

    def __init__(self, states: States, owners: Owners, client: httpx.AsyncClient) -> None:
        self._states = states
        self._owners = owners
        self._client = client

    async def answer(
        self, request: Request, tell: Callable[[Movement | None], Response]
    ) -> Response:
        key = "{kind}/{subject_id}".format(**request.path_params).encode()
        number = self._states.partition_of(key)
        own = self._states.owned().get(number)
        if own is None:
            return await self._ask_owner(request, number)
        if not own.ready:
            return _not_yet("its partition is being recovered here")
        return tell(self._states.get("movements", key))

    async def _ask_owner(self, request: Request, number: int) -> Response:
        url = await self._owners.url_of(number)
        if url is None or FORWARDED in request.headers:
            return _not_yet("its partition has no owner at the moment")
        try:
            answer = await self._client.get(
                url + request.url.path, headers={FORWARDED: "1"}, timeout=OWNER_SECONDS
            )
        except httpx.HTTPError:
            return _not_yet("the owner of its partition does not answer")
        kept = {name: answer.headers[name] for name in ("retry-after",) if name in answer.headers}
        media_type = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, kept, media_type)


def _movement(known: Movement | None) -> Response:
    if known is None:
        return _problem(HTTPStatus.NOT_FOUND, "nothing was ever said of this subject")
    return Response(dumps(known.view()), media_type="application/json")


def _event(known: Movement | None, name: EventName, buried: Quarantined) -> Response:
    registers = known.history.registers if known is not None else {}
    register = registers.get(f"{name.publisher}/{name.event_id}")
    if register is not None:
        return JSONResponse({**name._asdict(), **_last_word(register)})
    why = buried.find(name)
    if isinstance(why, dict):
        return JSONResponse({**name._asdict(), "status": "buried", **why})
    return JSONResponse({**name._asdict(), "status": "unknown"}, HTTPStatus.NOT_FOUND)


def _last_word(register: Register) -> Json:
    report = register.report
    status = "revised" if report.revised_at != report.recorded_at else "known"
    return {
        "status": "retracted" if report.retracted else status,
        "type": report.type,
        "classifier": report.classifier,
        "occurred_at": wire(report.occurred_at) if report.occurred_at else None,
        "recorded_at": wire(report.recorded_at),
        "revised_at": wire(report.revised_at),
        "conflict": bool(register.rivals),
    }


def _not_yet(detail: str) -> Response:
    headers = {"retry-after": RETRY_AFTER_SECONDS}
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers)


def _problem(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _healthz(_: Request) -> Response:
    return JSONResponse({"alive": True})


def _readyz(states: States) -> Answer:
    async def readyz(_: Request) -> Response:
        partitions = {
            str(number): {"ready": own.ready, "recovered": own.recovered, "of": own.to_recover}
            for number, own in sorted(states.owned().items())
        }
        ready = states.ready
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"ready": ready, "partitions": partitions}, status)

    return readyz
