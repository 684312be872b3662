"""The alert as it stands, and the record of what was done about it."""

import json
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field, TypeAdapter

from schemas.contract import Contract
from schemas.delays import Lateness, Told
from schemas.fields import Time
from schemas.vocabulary import (
    AlertStatus,
    AuditAction,
    AuditReason,
    Because,
    DelayName,
    Severity,
)


def escalation_id(delay_id: str, severity: Severity, step: int) -> str:
    """The id of a step of escalation: an alert of its own about an alert nobody acknowledged.

    Raises ValueError where delay_id is no UUID.
    """
    about = json.dumps(["escalation", severity, step], separators=(",", ":"))
    return str(uuid5(UUID(delay_id), about))


class AlertIdentity(Contract):
    """An alert is known by the episode of the delay it is about; an escalation by its own id."""

    alert_id: str
    """The delay_id; of an escalation, an alert about the same delay, an id of its own."""


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
    """Open steps of escalation, each an alert of its own; of an escalation, which step it is."""
    reminders: Annotated[int, Field(default=0, ge=0)]
    """How often it was told again because nobody acknowledged it."""
    inhibited_by: str | None = None
    """What speaks for it, or holds it back: a delay_id, `storm:<country>`, `maintenance:<name>`."""
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
    reason: AuditReason | None = None
    """Why a command was ignored, or an acknowledgement ended by itself."""
    until: Time | None = None
    """How long an acknowledgement holds."""
    detail: str | None = None
    call_id: str | None = None
    """The call that was made, where there was one."""


class BacklogStep(Contract):
    """One delay more, or one less, in a country's open backlog."""

    delay: DelayName
    by: Literal[1, -1]


class StormCounted(Contract):
    """One delay more, or one less, that the digest of a country's storm stands for."""

    type: Literal["counted"]
    delay: DelayName
    severity: Severity
    by: Literal[1, -1]


class StormAsked(Contract):
    """A subject asks whether a new alert may be told by itself."""

    type: Literal["asked"]
    delay_id: str
    subject: str
    """`kind/subject_id`: where the answer goes."""
    again: bool
    """It was held back by a storm before: it is not new and not counted."""


class StormAnswered(Contract):
    """A country's answer: tell it, or hold it back until then."""

    type: Literal["answered"]
    delay_id: str
    country: str
    until: Time | None
    """None: tell it."""


StormWord = Annotated[StormCounted | StormAsked | StormAnswered, Field(discriminator="type")]
storm_adapter: TypeAdapter[StormWord] = TypeAdapter(StormWord)
"""Reads any word about a storm on the topic `backlog`."""
