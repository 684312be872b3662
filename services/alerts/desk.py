"""Where people's tools ask for alerts and say what they do about them, over HTTP."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.commands import Command
from schemas.times import wire
from schemas.vocabulary import CommandName
from services.alerts.asking import cursor_of, question_of
from services.alerts.commanding import command_of
from services.alerts.core.register import Known, Register
from services.alerts.history import History
from services.alerts.openapi import document
from services.runtime.bodies import BodyLimits, read_body
from services.runtime.clock import Clock
from services.runtime.keys.bearer import bearer
from services.runtime.keys.live import LiveSources
from services.runtime.keys.source import Scope, Source
from services.runtime.problems import Problem

_BODY_BYTES: Final = 16 * 1024
_READERS: Final = frozenset({Scope.ALERTS, Scope.OPERATOR})
_WRITERS: Final = frozenset({Scope.OPERATOR})


class Current(Protocol):
    """Knows all alerts."""

    async def now(self) -> Register:
        """All of them as they are now. Raises Problem 503."""


class Past(Protocol):
    """Knows what was done about alerts."""

    async def of(self, alert_id: str, opened_at: datetime) -> History:
        """What was done about one. Raises Problem 503."""


class Takes(Protocol):
    """Takes commands."""

    async def write(self, key: bytes, command: Command) -> None:
        """Make one safe. Raises Problem 503."""


class Desk:
    """Answers whoever has a key with the scope that it takes."""

    def __init__(
        self, alerts: Current, past: Past, commands: Takes, sources: LiveSources, clock: Clock,
        body_within: timedelta,
    ) -> None:  # fmt: skip
        """`body_within` is how long a body may take to arrive."""
        self._alerts = alerts
        self._past = past
        self._commands = commands
        self._sources = sources
        self._clock = clock
        self._limits = BodyLimits(_BODY_BYTES, _BODY_BYTES, body_within)

    @property
    def routes(self) -> Sequence[Route]:
        """Where it answers."""
        one = "/v1/alerts/{alert_id}"
        return [
            Route("/v1/alerts", self._list, methods=["GET"]),
            Route(one, self._show, methods=["GET"]),
            Route(f"{one}/acknowledge", self._acknowledge, methods=["POST"]),
            Route(f"{one}/unacknowledge", self._unacknowledge, methods=["POST"]),
            Route(f"{one}/note", self._note, methods=["POST"]),
            Route("/openapi.json", _openapi, methods=["GET"]),
        ]

    async def _list(self, request: Request) -> Response:
        self._holder(request, _READERS)
        wanted, after, limit = question_of(request.query_params)
        register = await self._alerts.now()
        page = register.page(wanted, after, limit)
        since = register.resolved_since
        return _json(
            {
                "alerts": [msgspec.Raw(value) for value in page.alerts],
                "next": page.more_after and cursor_of(page.more_after),
                "resolved_since": since and wire(since),
            }
        )

    async def _show(self, request: Request) -> Response:
        self._holder(request, _READERS)
        alert = await self._alert(request)
        past = await self._past.of(alert.listed.alert_id, alert.listed.opened_at)
        return _json(
            {
                "alert": msgspec.Raw(alert.value),
                "history": [msgspec.Raw(entry) for entry in past.entries],
                "history_complete": past.complete,
            }
        )

    async def _acknowledge(self, request: Request) -> Response:
        return await self._command(request, "acknowledge")

    async def _unacknowledge(self, request: Request) -> Response:
        return await self._command(request, "unacknowledge")

    async def _note(self, request: Request) -> Response:
        return await self._command(request, "note")

    async def _command(self, request: Request, name: CommandName) -> Response:
        source = self._holder(request, _WRITERS)
        body = await read_body(request, self._limits)
        alert = (await self._alert(request)).listed
        command = command_of(name, body, alert, source.key_id, self._clock.wall())
        await self._commands.write(alert.key, command)
        return Response(command.model_dump_json(), 202, media_type="application/json")

    def _holder(self, request: Request, scopes: frozenset[Scope]) -> Source:
        source = bearer(request, self._sources.keyring())
        if not scopes.intersection(source.scopes):
            wanted = " or ".join(sorted(scopes))
            says = f"{source.key_id} lacks the scope {wanted}"
            raise Problem(403, "not_allowed", says, close=True)
        return source

    async def _alert(self, request: Request) -> Known:
        register = await self._alerts.now()
        known = register.find(request.path_params["alert_id"])
        if known is None:
            since = register.resolved_since
            older = f", or it was resolved before {wire(since)}" if since else ""
            raise Problem(404, "unknown_alert", f"no alert has this id{older}")
        return known


async def _openapi(_: Request) -> Response:
    return _json(document())


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")
