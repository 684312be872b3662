"""What PagerDuty says of its incidents (webhooks v3): its acknowledgement becomes ours."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.commands import Command
from schemas.times import parse
from schemas.vocabulary import CommandName
from services.alerts.core.register import Listed
from services.alerts.desk import Current, Takes
from services.runtime.bodies import BodyLimits, read_body
from services.runtime.clock import Clock
from services.runtime.problems import Problem

_BODY_BYTES: Final = 1024 * 1024
_FEWEST_CHARACTERS: Final = 16
_COMMANDS: Final[Mapping[str, CommandName]] = {
    "incident.acknowledged": "acknowledge",
    "incident.unacknowledged": "unacknowledge",
    "incident.resolved": "note",
}
_RESOLVED: Final = "Resolved in PagerDuty; what it is about may well last."


class _Agent(Struct, frozen=True):
    """Who did it; the name is a person's and is not read."""

    id: str
    type: str


class _Incident(Struct, frozen=True):
    incident_key: str | None = None
    """The `dedup_key` of the event that triggered it: our alert's id."""


class _Event(Struct, frozen=True):
    event_type: str
    occurred_at: str
    agent: _Agent | None = None
    data: _Incident = _Incident()


class _Message(Struct, frozen=True):
    event: _Event


_decode = Decoder(_Message).decode


class PagerDutyWebhook:
    """Believes only what is signed; what does not concern an alert of ours is taken and dropped.

    A message that comes again becomes the same command, with the moment at which it happened there.
    """

    def __init__(
        self,
        secrets: Sequence[bytes],
        alerts: Current,
        commands: Takes,
        clock: Clock,
        body_within: timedelta,
    ) -> None:
        """Any of the secrets may have signed; `body_within` is how long a body may take."""
        self._secrets = secrets
        self._alerts = alerts
        self._commands = commands
        self._clock = clock
        self._limits = BodyLimits(_BODY_BYTES, _BODY_BYTES, body_within)

    @property
    def routes(self) -> Sequence[Route]:
        """Where it listens."""
        return [Route("/v1/pagerduty", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        body = await read_body(request, self._limits)
        if not _is_signed(body, request.headers.get("x-pagerduty-signature", ""), self._secrets):
            raise Problem(401, "bad_signature", "no signature of it is PagerDuty's", close=True)
        event = _event(body)
        if event is not None:
            register = await self._alerts.now()
            alert = register.find(event.data.incident_key or "")
            if alert is not None:
                command = _command(event, alert.listed, self._clock.wall())
                await self._commands.write(alert.listed.key, command)
        return Response(status_code=202)


def read_secrets(path: Path) -> list[bytes]:
    """The secrets of a file, one a line, as PagerDuty shows them once for each subscription.

    Raises ValueError, OSError.
    """
    secrets = [line.strip().encode() for line in path.read_text().splitlines() if line.strip()]
    if not secrets or min(map(len, secrets)) < _FEWEST_CHARACTERS:
        raise ValueError(f"{path} holds no secret of PagerDuty's, or a short one")
    return secrets


def _is_signed(body: bytes, header: str, secrets: Sequence[bytes]) -> bool:
    given = [each.strip().encode() for each in header.split(",")]
    wanted = [b"v1=%b" % hmac.digest(s, body, hashlib.sha256).hex().encode() for s in secrets]
    return any(hmac.compare_digest(one, other) for one in given for other in wanted)


def _event(body: bytes) -> _Event | None:
    """What a person did, or time did, to an incident; None for others. Raises Problem 400."""
    try:
        event = _decode(body).event
    except ValueError:
        raise _bad_message() from None
    return None if event.event_type not in _COMMANDS or _is_echo(event.agent) else event


def _command(event: _Event, alert: Listed, now: datetime) -> Command:
    """The same of our alert. Raises Problem 400."""
    name = _COMMANDS[event.event_type]
    try:
        return Command(
            command=name,
            delay_id=alert.alert_id,
            by=f"pagerduty:{event.agent.id}" if event.agent else "pagerduty",
            at=min(parse(event.occurred_at), now),
            note=_RESOLVED if name == "note" else None,
        )
    except ValueError:
        raise _bad_message() from None


def _bad_message() -> Problem:
    return Problem(400, "bad_message", "this is no message of a v3 webhook")


def _is_echo(agent: _Agent | None) -> bool:
    """What came to PagerDuty by its events API, from ourselves as a rule."""
    return agent is not None and agent.type.endswith("integration_reference")
