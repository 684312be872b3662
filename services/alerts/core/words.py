"""Records and messages in their wire form."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.alerts import AuditEntry
from schemas.times import wire
from schemas.topics import ALERTS, AUDIT
from services.alerts.core.alert import Alert, Escalation
from services.alerts.core.delay import Audience
from services.runtime.processor import Record

_ENCODE = msgspec.json.Encoder().encode


class News(StrEnum):
    """What a message to a sink says of an alert."""

    OPENED = "opened"
    CHANGED = "changed"
    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    ESCALATED = "escalated"
    REMINDED = "reminded"


def alert_fields(alert: Alert) -> dict[str, object]:
    """The alert as the contract shows it."""
    fields: dict[str, object] = msgspec.to_builtins(alert.delay)
    del fields["type"]
    if alert.delay.eta_at is None:
        del fields["eta_at"]
    taken = alert.acknowledged
    return {
        "alert_id": alert.delay.delay_id,
        **fields,
        "status": alert.status,
        "opened_at": wire(alert.opened_at),
        "acknowledged_by": taken and taken.by,
        "acknowledged_until": taken and wire(taken.until),
        "escalation": sum(each.open for each in alert.escalations) or None,
        "reminders": alert.reminders,
        "inhibited_by": alert.inhibited_by,
        "resolved_at": alert.resolved_at and wire(alert.resolved_at),
    }


def alert_record(alert: Alert) -> Record:
    """The alert for the topic `alerts`."""
    key = alert.delay.delay_id.encode()
    return Record(ALERTS.full_name, key, _ENCODE(alert_fields(alert)))


def escalation_record(alert: Alert, escalation: Escalation) -> Record:
    """An escalation for the topic `alerts`, under its own id."""
    key = alert.id_of(escalation).encode()
    return Record(ALERTS.full_name, key, _ENCODE(escalation_fields(alert, escalation)))


def escalation_fields(alert: Alert, escalation: Escalation) -> dict[str, object]:
    """An escalation as an alert of its own; `delay_id` still names the alert it is about."""
    ended_at = escalation.ended_at
    return alert_fields(alert) | {
        "alert_id": alert.id_of(escalation),
        "status": "open" if ended_at is None else "resolved",
        "opened_at": wire(escalation.at),
        "escalation": escalation.step,
        "resolved_at": ended_at and wire(ended_at),
        "sentence": escalated_sentence(alert),
    }


def escalated_sentence(alert: Alert) -> str:
    """What a person reads of an escalation."""
    return f"Escalated, nobody has acknowledged it: {alert.delay.sentence}"


def message(news: News, alert: Alert, now: datetime) -> bytes:
    """What edge sinks are told of an alert."""
    return body(f"alert.{news}", alert.delay.audience, alert_fields(alert), now)


def escalation_message(news: News, alert: Alert, escalation: Escalation, now: datetime) -> bytes:
    """What edge sinks are told of an escalation."""
    data = escalation_fields(alert, escalation)
    return body(f"alert.{news}", alert.delay.audience, data, now)


def body(what: str, audience: Audience, data: dict[str, object], now: datetime) -> bytes:
    """A message to an edge sink: what happened, when, for whom, and what it is about."""
    said = {"type": what, "timestamp": wire(now), "audience": audience.value, "data": data}
    return _ENCODE(said)


def audit_record(entry: AuditEntry) -> Record:
    """What was done about an alert, for the topic `audit`."""
    return Record(AUDIT.full_name, entry.alert_id.encode(), entry.model_dump_json().encode())
