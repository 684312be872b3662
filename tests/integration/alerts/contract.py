"""What every sink is asked in the contract test: a row for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import msgspec

from services.alerts.core.standing import Standing
from services.alerts.settings import AlertsSettings, SinkName
from services.alerts.sinks import EDGE_SINKS, LEVEL_SINKS, SINKS
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.processor import Call
from tests.integration.alerts.conftest import ROUTING_KEY, SIGNING_SECRET
from tests.integration.alerts.receiver import Request
from tests.unit.alerts.desk import Desk, delay

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """How a sink is known to tell the same thing again, and what it must never show."""

    identity: Callable[[Request], str]
    secret: str = ""
    elsewhere: Mapping[str, object] | None = None
    """Settings that send it where nobody listens."""


def _of_header(request: Request) -> str:
    return request.headers["webhook-id"]


def _of_incident(request: Request) -> str:
    return str(msgspec.json.decode(request.body)["dedup_key"])


def _of_labels(request: Request) -> str:
    return str(msgspec.json.decode(request.body)[0]["labels"])


NOBODY = "http://127.0.0.1:9"
ROWS: Mapping[SinkName, Row | None] = {
    "log": None,
    "webhook": Row(_of_header, SIGNING_SECRET, {"alerts_webhook_url": NOBODY}),
    "pagerduty": Row(_of_incident, ROUTING_KEY, {"alerts_pagerduty_url": NOBODY}),
    "alertmanager": Row(_of_labels, elsewhere={"alerts_alertmanager_urls": (NOBODY,)}),
}
"""None: it makes no requests, so nobody can answer it badly."""
OVER_HTTP: Mapping[SinkName, Row] = {name: row for name, row in ROWS.items() if row is not None}


def call(**more: object) -> Call:
    """The first word of an alert to an edge sink."""
    desk = Desk()
    desk.hear(delay(**more))  # type: ignore[arg-type]
    desk.wait()
    return desk.calls()[0]


def standing(number: int = 0, until: datetime | None = None) -> Standing:
    """An alert as a level sink is shown it."""
    labels = {"alertname": "Silent", "severity": "warning", "subject": f"EC-{number}"}
    return Standing(
        labels, {"summary": "Silent."}, SINCE, until, f"/v1/movements/shipment/{number}"
    )


class Telling:
    """Any sink, told one thing at a time."""

    def __init__(self, name: SinkName, settings: AlertsSettings, clock: Clock) -> None:
        self._sink = SINKS[name](settings, clock)
        self._name = name

    async def tell(self, number: int = 0) -> Answer:
        """Tell it of the alert of that number."""
        if self._name in EDGE_SINKS:
            return await self._sink.take(call(subject_id=f"EC-{number}"))  # type: ignore[union-attr]
        assert self._name in LEVEL_SINKS
        return (await self._sink.show([standing(number)]))[0]  # type: ignore[union-attr]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sink.close()
