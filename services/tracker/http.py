"""Answers what is known of a subject or an event; asks the owner where this is not the one."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas.times import wire
from services.runtime.engine import Owned
from services.runtime.health import health_routes
from services.runtime.problems import HANDLERS, SOON, Problem
from services.tracker.buried import EventName
from services.tracker.core.commitment import Commitment
from services.tracker.core.movement import Movement
from services.tracker.core.view import dumps
from services.tracker.known import NOTHING_KNOWN, KnownProcessor
from services.tracker.peers import FORWARDED, PeerAnswer
from services.tracker.processors import CommitmentsProcessor, MovementsProcessor
from services.tracker.timeline import last_word, timeline

Answer = Callable[[Request], Awaitable[Response]]
Tell = Callable[[Movement | Commitment | None], Response]


class States(Protocol):
    """The part of the engine that is asked."""

    @property
    def ready(self) -> bool:
        """Whether all assigned partitions are recovered."""

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance and how far each is."""

    def partition_of(self, key: bytes) -> int:
        """The partition of a key."""

    def get(self, processor: str, key: bytes) -> Any | None:
        """The state of a key of an own partition."""

    def scan(self, processor: str) -> Iterator[tuple[bytes, Any]]:
        """All keys and states of own partitions."""


class Others(Protocol):
    """The other instances."""

    async def ask(self, partition: int, path: str) -> PeerAnswer | None:
        """The answer of the partition's owner; None where there is none."""


class Quarantined(Protocol):
    """Tells what was quarantined."""

    def find(self, name: EventName) -> Mapping[str, str] | None:
        """Why an event was quarantined; None if it is not known that it was."""


def create_http(states: States, others: Others, buried: Quarantined) -> Starlette:
    """The tracker's read-only interface."""

    async def state(request: Request) -> Response:
        return await _answer(request, states, others, _state)

    async def events(request: Request) -> Response:
        return await _answer(request, states, others, _timeline)

    async def event(request: Request) -> Response:
        name = EventName(**request.path_params)
        tell = _event_teller(name, buried)
        return await _answer(request, states, others, tell)

    async def rules(_: Request) -> Response:
        return _rules(states)

    subject = "{kind}/{subject_id}"
    return Starlette(
        routes=[
            Route(f"/v1/movements/{subject}", state, methods=["GET"]),
            Route(f"/v1/movements/{subject}/events", events, methods=["GET"]),
            Route("/v1/commitments/{subject_id}", state, methods=["GET"]),
            Route("/v1/commitments/{subject_id}/events", events, methods=["GET"]),
            Route(f"/v1/events/{{publisher}}/{subject}/{{event_id}}", event, methods=["GET"]),
            Route("/v1/rules", rules, methods=["GET"]),
            *health_routes(states),
        ],
        exception_handlers=HANDLERS,
    )


async def _answer(request: Request, states: States, others: Others, tell: Tell) -> Response:
    """Tell what is known of the subject here, or have its owner answer."""
    kind = request.path_params.get("kind", "commitment")
    key = f"{kind}/{request.path_params['subject_id']}".encode()
    processor = CommitmentsProcessor if kind == "commitment" else MovementsProcessor
    number = states.partition_of(key)
    own = states.owned().get(number)
    if own is not None:
        if own.ready:
            return tell(states.get(processor.name, key))
        return _not_yet(f"{own.recovered} of {own.to_recover} records are recovered here")
    if FORWARDED in request.headers:
        return _not_yet("its partition is moving from one instance to another")
    told = await others.ask(number, quote(request.scope["path"]))
    if told is None:
        return _not_yet("nobody answers for its partition at the moment")
    return Response(told.body, told.status, told.headers)


def _rules(states: States) -> Response:
    """The rules in force here; no text where they are the ones built in."""
    if not states.ready:
        return _not_yet("its partitions are being recovered")
    known = next((known for _, known in states.scan(KnownProcessor.name)), NOTHING_KNOWN)
    return JSONResponse({"version": known.book().version, "toml": known.rules or None})


def _state(known: Movement | Commitment | None) -> Response:
    if known is None:
        return _nothing_known()
    return Response(dumps(known.view()), media_type="application/json")


def _timeline(known: Movement | Commitment | None) -> Response:
    if known is None:
        return _nothing_known()
    return Response(dumps({"events": timeline(known.history)}), media_type="application/json")


def _event_teller(name: EventName, buried: Quarantined) -> Tell:
    def tell(known: Movement | Commitment | None) -> Response:
        register = known.history.find(name.publisher, name.event_id) if known else None
        if register is not None:
            return JSONResponse({**name._asdict(), **last_word(register)})
        why = buried.find(name)
        if why is not None:
            return JSONResponse({**name._asdict(), "status": "buried", **why})
        said = {**name._asdict(), "status": "unknown"}
        if known is not None and known.history.folded_until is not None:
            # An estimate of before this moment may have been known, and folded away since.
            said["folded_until"] = wire(known.history.folded_until)
        return JSONResponse(said, HTTPStatus.NOT_FOUND)

    return tell


def _nothing_known() -> Response:
    says = "nothing was said of this subject"
    return Problem(HTTPStatus.NOT_FOUND, "unknown_subject", says).response()


def _not_yet(detail: str) -> Response:
    problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", detail, retry_after=SOON)
    return problem.response()
