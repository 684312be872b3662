"""The alert as it stands, and the record of what was done about it."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.contract import Contract
from schemas.delays import Lateness, Told
from schemas.fields import Time
from schemas.vocabulary import AlertStatus, AuditAction, Because, DelayName, Severity


class AlertIdentity(Contract):
    """An alert is known by the episode of the delay it is about."""

    alert_id: str
    """The delay_id."""


class AlertCourse(Contract):
    """What became of an alert; its own moments are wall time."""

    cleared_at: Time | None = None
    """Partition time at which the delay was cleared."""
    ended_at: Time | None = None
    status: AlertStatus
    opened_at: Time
    acknowledged_by: str | None = None
    acknowledged_until: Time | None = None
    escalation: Annotated[int | None, Field(default=None, ge=0)]
    """Steps of escalation taken."""
    inhibited_by: str | None = None
    """The delay_id that speaks for this one."""
    resolved_at: Time | None = None
    because: Because | None = None
    """Why the delay ended."""


class Alert(AlertCourse, Told, Lateness, AlertIdentity):
    """The delay's last word, and whether somebody still has to act on it."""


class AuditEntry(Contract):
    """One thing that was done about an alert."""

    alert_id: str
    action: AuditAction
    at: Time
    by: str
    """The sink, the operator, or `chasqui`."""
    severity: Severity | None = None
    detail: str | None = None
    call_id: str | None = None
    """The call that was made, where there was one."""


class BacklogStep(Contract):
    """One delay more, or one less, in a country's open backlog."""

    delay: DelayName
    by: Literal[1, -1]
