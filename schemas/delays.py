"""What is told of a delay: raised, changed, cleared, with its evidence."""

import json
from typing import Annotated, Final, Literal
from uuid import NAMESPACE_DNS, uuid5

from pydantic import Field, TypeAdapter

from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.vocabulary import Because, Confidence, DelayName, LateKind, Milestone, Severity

_NAMESPACE: Final = uuid5(NAMESPACE_DNS, "chasqui")


def delay_id(  # noqa: PLR0913, PLR0917 - in the order of the contract
    delay: str,
    kind: str,
    subject_id: str,
    milestone: str | None,
    leg: int | None,
    hold_id: str | None,
    episode: int,
) -> str:
    """The id of one episode of a delay, the same wherever and whenever it is told."""
    about = [delay, kind, subject_id, milestone, leg, hold_id, episode]
    name = json.dumps(about, ensure_ascii=False, separators=(",", ":"))
    return str(uuid5(_NAMESPACE, name))


class NextStep(Contract):
    """How and when this worsens if nothing comes."""

    at: Time
    severity: Severity
    confidence: Confidence | None


class Record(Contract):
    """How often a silence as long as this one meant what it seems to mean."""

    times: Annotated[int, Field(ge=1)]
    """Deliveries of which nobody reported so long after they were due: the last ones."""
    late: Annotated[int, Field(ge=0)]
    """Of them were truly late."""
    publisher: str | None
    """Whose deliveries; null: everyone's."""
    country: str | None
    """Where they went; null: anywhere."""


class Evidence(Contract):
    """What the delay follows from."""

    rule: str
    rules_version: str
    threshold: str | None
    """The limit that was passed, an ISO 8601 duration."""
    events: Annotated[tuple[str, ...], AsTuple]
    """Identities within the subject: publisher/event_id."""
    learnt: Annotated[Record | None, Field(default=None, exclude_if=lambda record: record is None)]
    """Only of what is likely late by what was learnt of past silences."""


class Word(Contract):
    """What is said of the delay."""

    type: Literal["delay_raised", "delay_changed", "delay_cleared"]


class DelayIdentity(Contract):
    """Which delay of which subject, and where the record stands in its subject's sequence."""

    delay_id: str
    episode: Annotated[int, Field(ge=1)]
    seq: Annotated[int, Field(ge=1)]
    """Rises per subject: ignore what is not above the last one seen."""
    delay: DelayName
    kind: LateKind
    subject_id: str
    milestone: Milestone | None
    leg: int | None
    hold_id: str | None


class Lateness(DelayIdentity):
    """Since when and how badly it is late, and whom that concerns."""

    late_since: Time
    raised_at: Time
    severity: Severity
    confidence: Confidence | None
    """Only of delivery_overdue and no_show."""
    country: str | None
    agency: str | None
    commitment: str | None
    items: Annotated[tuple[str, ...], AsTuple]
    due_at: Time | None
    eta_at: Annotated[Time | None, Field(default=None, exclude_if=lambda at: at is None)]
    """Only of eta_slip; otherwise left out."""
    next_step: NextStep | None


class Cleared(Contract):
    """When and why a delay ended."""

    cleared_at: Time
    """The partition time at which it was told."""
    ended_at: Time | None
    """The moment of the fact that ended it."""
    because: Because


class Told(Contract):
    """What a person reads, and what it rests on."""

    historic: bool
    """Already over when first seen: for the record, wakes nobody."""
    backlog: bool
    """Late long before the subject's first record: for a digest, no page."""
    sentence: str
    evidence: Evidence


class DelayRaised(Told, Lateness, Word):
    """Something is late."""

    type: Literal["delay_raised"]


class DelayChanged(Told, Lateness, Word):
    """The same lateness, but since another moment, for another due or graver."""

    type: Literal["delay_changed"]


class DelayCleared(Told, Cleared, Lateness, Word):
    """It is late no more; lateness and severity are those last told."""

    type: Literal["delay_cleared"]


DelayRecord = Annotated[DelayRaised | DelayChanged | DelayCleared, Field(discriminator="type")]
delay_adapter: TypeAdapter[DelayRecord] = TypeAdapter(DelayRecord)
"""Reads any record of the topic `delays`."""
