"""What operators say of an alert: acknowledge, unacknowledge, note."""

from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from schemas.alerts import AuditEntry
from schemas.commands import Command
from schemas.vocabulary import SEVERITIES, AuditReason
from services.alerts.core.alert import Acknowledgement, Alert
from services.alerts.core.effects import Effects
from services.alerts.core.pressing import end_escalations
from services.alerts.core.words import News, audit_record
from services.runtime.processor import Record

decode_command = Command.model_validate_json
"""JSON bytes to a Command; pydantic.ValidationError (a ValueError) when it is none."""

_REMEMBERED: Final = 16


def obey(alert: Alert, command: Command, effects: Effects) -> Alert:
    """The alert after an operator's word; one that changes nothing is written down with why."""
    reason = _why_not(alert, command, effects)
    if reason is not None:
        effects.written.append(ignored(command, reason, effects, alert))
        return alert
    alert = replace(alert, commands=(*alert.commands, _digest(command))[-_REMEMBERED:])
    match command.command:
        case "acknowledge":
            return _acknowledge(alert, command, effects)
        case "unacknowledge":
            return _unacknowledge(alert, command, effects)
        case "note":
            effects.note(alert, "noted", by=command.by, detail=command.note)
            return alert


def outgrown(alert: Alert, effects: Effects) -> Alert:
    """The alert, acknowledged no more where it is graver than what somebody took."""
    taken = alert.acknowledged
    if taken is None or alert.delay.rank <= SEVERITIES.index(taken.severity):
        return alert
    effects.note(alert, "unacknowledged", reason="graver")
    return replace(alert, acknowledged=None)


def ignored(
    command: Command, reason: AuditReason, effects: Effects, alert: Alert | None = None
) -> Record:
    """What is written down of a command that changes nothing; nothing of it is lost."""
    said = command.command if command.note is None else f"{command.command}: {command.note}"
    entry = AuditEntry(
        alert_id=command.delay_id if alert is None else alert.delay.delay_id,
        action="ignored",
        at=effects.now,
        by=command.by,
        severity=None if alert is None else alert.delay.severity,
        reason=reason,
        until=command.until,
        detail=said,
    )
    return audit_record(entry)


def _why_not(alert: Alert, command: Command, effects: Effects) -> AuditReason | None:
    if not alert.open:
        return "already_resolved"
    if _digest(command) in alert.commands:
        return "repeated"
    if command.command == "unacknowledge" and alert.acknowledged is None:
        return "not_acknowledged"
    if command.command != "acknowledge":
        return None
    taken = _taken(alert, command, effects)
    if taken.until <= effects.now:
        return "already_over"
    return "nothing_changed" if taken == alert.acknowledged else None


def _taken(alert: Alert, command: Command, effects: Effects) -> Acknowledgement:
    # The default counts from when it was said, by a clock that may be fast.
    said_at = min(command.at, effects.now)
    until = command.until or said_at + effects.policy.acknowledged_for
    return Acknowledgement(by=command.by, until=until, severity=alert.delay.severity)


def _acknowledge(alert: Alert, command: Command, effects: Effects) -> Alert:
    taken = _taken(alert, command, effects)
    alert = replace(alert, acknowledged=taken, waits_since=None, listens_until=None)
    effects.note(alert, "acknowledged", by=taken.by, until=taken.until, detail=command.note)
    alert = end_escalations(alert, effects)
    return effects.say(News.ACKNOWLEDGED, alert) if alert.told is not None else alert


def _unacknowledge(alert: Alert, command: Command, effects: Effects) -> Alert:
    alert = replace(alert, acknowledged=None)
    effects.note(alert, "unacknowledged", by=command.by, detail=command.note)
    return effects.say(News.UNACKNOWLEDGED, alert) if alert.told is not None else alert


def _digest(command: Command) -> str:
    return sha256(command.model_dump_json().encode()).hexdigest()[:16]
