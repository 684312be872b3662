"""What movements contribute to a promise, and the promise as it stands."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.movements import OpenDelay
from schemas.numbers import Figure
from schemas.vocabulary import CommitmentState, Doubt, MovementKind


class Item(Contract):
    """What is counted, in which unit."""

    item: str | None
    """Null where a hand-over names a line that nobody registered."""
    unit: str | None


class Fulfilment(Contract):
    """How far so much of it is; `moving` is the part of `covered` that left and is under way."""

    covered: Figure
    """What of it will fulfil the promise, or has."""
    moving: Figure
    handed_over: Figure
    confirmed: Figure
    """Accepted in the recipient's own words."""


class Part(Fulfilment, Item):
    """An item of a movement, and how far it is."""


class Promised(Contract):
    """What was promised of it."""

    promised: Figure


class PromisedPart(Fulfilment, Promised, Item):
    """An item of a promise beside what became of it."""


class Contribution(Contract):
    """What one movement contributes to one promise; its last word counts, by `seq`."""

    kind: MovementKind
    subject_id: str
    seq: Annotated[int, Field(ge=1)]
    """Rises per movement, over all promises that it names one after another."""
    at: Time
    """The moment of the word that made it so."""
    agency: str | None
    country: str | None
    withdrawn: bool
    """The movement names another promise now, or none."""
    lines: Annotated[tuple[Part, ...], AsTuple]


class Contributor(Contract):
    """A movement that names the promise, and what it contributes."""

    kind: MovementKind
    subject_id: str
    agency: str | None
    country: str | None
    lines: Annotated[tuple[Part, ...], AsTuple]


class Commitment(Contract):
    """A promise as it stands; all but `delays` follows from events alone."""

    kind: Literal["commitment"]
    subject_id: str
    state: CommitmentState
    agency: str | None
    """Whose promise it is."""
    country: str | None
    """To whom it was made."""
    programme: str | None
    """The line of effort: security, intelligence_sharing, economic_assistance, governance, ..."""
    request: str | None
    """What the recipient asked for, by the recipient's own number."""
    due_at: Time | None
    lines: Annotated[tuple[PromisedPart, ...], AsTuple]
    movements: Annotated[
        tuple[Contributor, ...] | None,
        AsTuple,
        Field(default=None, exclude_if=lambda movements: movements is None),
    ]
    """Which name it, and what each contributes. They may be many: the topic leaves them out, the
    tracker tells them when it is asked."""
    doubts: Annotated[tuple[Doubt, ...], AsTuple]
    events: Annotated[int, Field(ge=0)]
    """Live identities of its own."""
    delays: Annotated[tuple[OpenDelay, ...], AsTuple]
