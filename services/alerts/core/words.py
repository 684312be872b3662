"""Records and messages in their wire form."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.alerts import AuditEntry
from schemas.times import wire
from schemas.topics import ALERTS, AUDIT
from services.alerts.core.alert import Alert
from services.alerts.core.delay import Audience
from services.runtime.processor import Record

_ENCODE = msgspec.json.Encoder().encode


class News(StrEnum):
    """What a message to a sink says of an alert."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"


def alert_fields(alert: Alert) -> dict[str, object]:
    """The alert as the contract shows it."""
    fields: dict[str, object] = msgspec.to_builtins(alert.delay)
    del fields["type"]
    if alert.delay.eta_at is None:
        del fields["eta_at"]
    return {
        "alert_id": alert.delay.delay_id,
        **fields,
        "status": alert.status,
        "opened_at": wire(alert.opened_at),
        "acknowledged_by": None,
        "acknowledged_until": None,
        "escalation": None,
        "inhibited_by": alert.inhibited_by,
        "resolved_at": alert.resolved_at and wire(alert.resolved_at),
    }


def alert_record(alert: Alert) -> Record:
    """The alert for the topic `alerts`."""
    key = alert.delay.delay_id.encode()
    return Record(ALERTS.full_name, key, _ENCODE(alert_fields(alert)))


def message(news: News, alert: Alert, now: datetime) -> bytes:
    """What edge sinks are told of an alert."""
    return body(f"alert.{news}", alert.delay.audience, alert_fields(alert), now)


def body(what: str, audience: Audience, data: dict[str, object], now: datetime) -> bytes:
    """A message to an edge sink: what happened, when, for whom, and what it is about."""
    said = {"type": what, "timestamp": wire(now), "audience": audience.value, "data": data}
    return _ENCODE(said)


def audit_record(entry: AuditEntry) -> Record:
    """What was done about an alert, for the topic `audit`."""
    return Record(AUDIT.full_name, entry.alert_id.encode(), entry.model_dump_json().encode())
