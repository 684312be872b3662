"""People's tools at the desk of alerts: no Kafka, but all that stands in front of it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec

from schemas.commands import Command
from schemas.delays import delay_id
from schemas.times import wire
from services.alerts.core.register import Register
from services.alerts.desk import Desk
from services.alerts.history import History
from services.alerts.http import create_http
from services.alerts.pagerduty_webhook import PagerDutyWebhook
from services.runtime.clock import WallClock
from services.runtime.engine import Owned
from services.runtime.keys.file import add_source
from services.runtime.keys.live import LiveSources
from services.runtime.keys.source import Scope
from services.runtime.problems import Problem

OPENED = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = b"a secret of PagerDuty's"
WITHIN = timedelta(milliseconds=200)


def id_of(subject_id: str) -> str:
    return delay_id("delivery_overdue", "shipment", subject_id, "handed_over", None, None, 1)


def alert(subject_id: str = "EC-1", minutes: float = 0, **more: object) -> dict[str, object]:
    """An alert as the topic tells it, opened so many minutes after the first."""
    number = id_of(subject_id)
    fields: dict[str, object] = {
        "alert_id": number,
        "delay_id": number,
        "delay": "delivery_overdue",
        "kind": "shipment",
        "subject_id": subject_id,
        "severity": "warning",
        "country": "EC",
        "agency": "US-DHS-HSI",
        "status": "open",
        "opened_at": wire(OPENED + timedelta(minutes=minutes)),
        "acknowledged_by": None,
        "acknowledged_until": None,
        "resolved_at": None,
        "sentence": f"{subject_id} is late.",
        "evidence": {"rule": "delivery_overdue", "events": ["US-FBI/e1"]},
    }
    return fields | more


def resolved(subject_id: str, minutes: float, ended: float) -> dict[str, object]:
    ended_at = wire(OPENED + timedelta(minutes=ended))
    return alert(subject_id, minutes, status="resolved", resolved_at=ended_at)


class Noon(WallClock):
    def wall(self) -> datetime:
        return NOW


class People:
    """Holders of keys, in front of an instance that knows the alerts it is told of."""

    ready = True
    kafka_is_there = True

    def __init__(self, folder: Path, *alerts: dict[str, object], kept: int = 100) -> None:
        path = folder / "sources.toml"
        self.keys = {
            "oncall": add_source(path, "oncall", (), scopes=(Scope.OPERATOR,)),
            "board": add_source(path, "board", (), scopes=(Scope.ALERTS,)),
            "field": add_source(path, "field", ("US-FBI",), scopes=(Scope.BACKFILL,)),
        }
        self.register = Register(kept)
        for each in alerts:
            self.tell(each)
        self.history = History([b'{"action":"raised"}'], complete=True)
        self.written: list[tuple[bytes, Command]] = []
        clock = Noon()
        desk = Desk(self, self, self, LiveSources(path), clock, WITHIN)
        webhook = PagerDutyWebhook([b"another one, newer", SECRET], self, self, clock, WITHIN)
        self.routes = desk.routes
        self._transport = httpx.ASGITransport(create_http(self, *desk.routes, *webhook.routes))

    def tell(self, each: dict[str, object]) -> None:
        self.register.take(msgspec.json.encode(each))

    def owned(self) -> dict[int, Owned]:
        return {}

    async def now(self) -> Register:
        self._demand_kafka()
        return self.register

    async def of(self, alert_id: str, opened_at: datetime) -> History:
        assert self.register.find(alert_id)
        assert opened_at >= OPENED
        return self.history

    async def write(self, key: bytes, command: Command) -> None:
        self._demand_kafka()
        self.written.append((key, command))

    def get(self, path: str, who: str | None = "board") -> httpx.Response:
        return self.ask("GET", path, who)

    def post(self, path: str, content: object = b"", who: str | None = "oncall") -> httpx.Response:
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        return self.ask("POST", path, who, body)

    def ask(
        self,
        method: str,
        path: str,
        who: str | None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Under the key of somebody known by name, else under that very key."""
        held = {} if who is None else {"authorization": f"Bearer {self.keys.get(who, who)}"}
        return asyncio.run(self._ask(method, path, body, held | dict(headers or {})))

    async def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://alerts") as one:
            return await one.request(method, path, content=body, headers=headers)

    def _demand_kafka(self) -> None:
        if not self.kafka_is_there:
            raise Problem(503, "not_ready", "Kafka is away", retry_after=timedelta(seconds=2))


def demand_problem(
    answer: httpx.Response, status: int, code: str, field: str | None = None
) -> None:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().get("field") == field
    assert ("retry-after" in answer.headers) == (status == 503)
