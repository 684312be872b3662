"""The public state of a movement, as on the topic `movements`."""

from typing import Annotated

from pydantic import Field

from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.numbers import Figure
from schemas.vocabulary import (
    Confidence,
    DelayName,
    Doubt,
    ListedMilestone,
    Milestone,
    Mode,
    MovementKind,
    Reason,
    Severity,
    State,
)


class MilestoneState(Contract):
    """What was promised, foreseen and reported of one milestone."""

    type: ListedMilestone
    leg: int | None
    """Only departed and arrived have one."""
    baseline_at: Time | None
    """The first plan, frozen."""
    due_at: Time | None
    """What lateness is measured against."""
    planned_at: Time | None
    estimated_at: Time | None
    actual_at: Time | None
    reported_by: str | None
    """The publisher whose report counts."""
    inferred: bool
    """Proven only by a later milestone."""


class LineState(Contract):
    """The ledger of one line; unknown is null."""

    line: int
    item: str | None
    unit: str | None
    shipped: Figure | None
    accepted: Figure
    damaged: Figure
    missing: Figure
    surplus: Figure
    lost: Figure
    moved: Figure
    outstanding: Figure | None
    confirmed: Figure | None
    """Accepted in the recipient's own words."""


class HoldState(Contract):
    """A hold that is open."""

    hold_id: str
    reason: Reason | None
    since: Time


class OpenDelay(Contract):
    """A delay that is told and has not ended."""

    delay_id: str
    delay: DelayName
    milestone: Milestone | None
    leg: int | None
    hold_id: str | None
    late_since: Time
    severity: Severity
    confidence: Confidence | None


class Movement(Contract):
    """A shipment or deployment as it stands; all but `delays` follows from its events alone."""

    kind: MovementKind
    subject_id: str
    state: State
    leg: int
    legs: int
    owner: str | None
    """The agency whose promise it is."""
    custodian: str | None
    """Who holds it now."""
    commitment: str | None
    country: str | None
    mode: Mode | None
    milestones: Annotated[tuple[MilestoneState, ...], AsTuple]
    lines: Annotated[tuple[LineState, ...], AsTuple]
    holds: Annotated[tuple[HoldState, ...], AsTuple]
    doubts: Annotated[tuple[Doubt, ...], AsTuple]
    last_contact_at: Time | None
    events: Annotated[int, Field(ge=0)]
    """Live identities."""
    delays: Annotated[tuple[OpenDelay, ...], AsTuple]
