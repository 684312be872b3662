"""The words that sources say: one frozen model per type, and the union of them all."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, Tag, TypeAdapter, model_validator

from schemas.fields import Time
from schemas.lines import ItemLines, demand_people
from schemas.numbers import Leg
from schemas.operators import Adopted, DiscrepancyAccepted, Preferred, Rebaselined, Reopened
from schemas.quantities import Confirmed, HandedOver, Lost, Merged, Split
from schemas.retraction import Retraction
from schemas.said import Fact, FactOfMovement, OfMovement, Said
from schemas.texts import Country, Identifier, Slug
from schemas.vocabulary import EVENT_TYPES, Priority, Reason

RETRACTION: Final = "retraction"
"""The tag under which a record with `retracted: true` is read, whatever its type."""


class Committed(Fact):
    """A promise: items or people for a country by a date; later terms by `revised_at`."""

    type: Literal["committed"]
    kind: Literal["commitment"]
    lines: ItemLines
    due_at: Time
    recipient: Country
    programme: Slug | None = None


class Registered(FactOfMovement):
    """The movement exists: what it carries, for which commitment, over how many legs."""

    type: Literal["registered"]
    lines: ItemLines
    legs: Leg | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _people_are_counted_as_people(self) -> Self:
        if self.kind == "deployment":
            demand_people(self.lines)
        return self


class Ready(OfMovement):
    """Packed and papers cleared; for people vetted, with visa and country clearance."""

    type: Literal["ready"]


class Departed(OfMovement):
    """Left on a leg; may say until when silence is expected."""

    type: Literal["departed"]
    leg: Leg = 1
    silent_until: Time | None = None


class Arrived(OfMovement):
    """At a stop or, on the last leg, at the last place."""

    type: Literal["arrived"]
    leg: Leg = 1


class Held(FactOfMovement):
    """Stopped by somebody, until released."""

    type: Literal["held"]
    hold_id: Identifier
    """Unique within the subject."""
    reason: Reason


class Released(FactOfMovement):
    """A hold is over; may arrive before the hold it ends."""

    type: Literal["released"]
    hold_id: Identifier


class Completed(OfMovement):
    """The work is done; a tour ended."""

    type: Literal["completed"]


class Returned(OfMovement):
    """Back at the origin; people are home."""

    type: Literal["returned"]


class Cancelled(Fact):
    """Called off by the owner: a movement, or the promise itself."""

    type: Literal["cancelled"]


class Seen(FactOfMovement):
    """A position, a tag read, a headcount: proves contact, moves no milestone."""

    type: Literal["seen"]


def tag_of(data: object) -> str | None:
    """Which of the models reads it: its type, or RETRACTION; None when it says no type."""
    if isinstance(data, dict):
        said = data.get("type")
        retracted = data.get("retracted") is True
    else:
        said = getattr(data, "type", None)
        retracted = getattr(data, "retracted", False) is True
    if not isinstance(said, str):
        return None
    return RETRACTION if retracted and said in EVENT_TYPES else said


Event = Annotated[
    Annotated[Registered, Tag("registered")]
    | Annotated[Ready, Tag("ready")]
    | Annotated[Departed, Tag("departed")]
    | Annotated[Arrived, Tag("arrived")]
    | Annotated[Held, Tag("held")]
    | Annotated[Released, Tag("released")]
    | Annotated[HandedOver, Tag("handed_over")]
    | Annotated[Confirmed, Tag("confirmed")]
    | Annotated[Lost, Tag("lost")]
    | Annotated[Split, Tag("split")]
    | Annotated[Merged, Tag("merged")]
    | Annotated[Completed, Tag("completed")]
    | Annotated[Returned, Tag("returned")]
    | Annotated[Cancelled, Tag("cancelled")]
    | Annotated[Seen, Tag("seen")]
    | Annotated[Committed, Tag("committed")]
    | Annotated[Rebaselined, Tag("rebaselined")]
    | Annotated[DiscrepancyAccepted, Tag("discrepancy_accepted")]
    | Annotated[Preferred, Tag("preferred")]
    | Annotated[Adopted, Tag("adopted")]
    | Annotated[Reopened, Tag("reopened")]
    | Annotated[Retraction, Tag(RETRACTION)],
    Discriminator(tag_of),
]

event_adapter: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads any event; `schemas.refusals` says what was wrong in the contract's words."""

_CLASSES: Final = (
    Registered,
    Ready,
    Departed,
    Arrived,
    Held,
    Released,
    HandedOver,
    Confirmed,
    Lost,
    Split,
    Merged,
    Completed,
    Returned,
    Cancelled,
    Seen,
    Committed,
    Rebaselined,
    DiscrepancyAccepted,
    Preferred,
    Adopted,
    Reopened,
)
MODELS: Final[Mapping[str, type[Said]]] = MappingProxyType(
    dict(zip(EVENT_TYPES, _CLASSES, strict=True))
)
"""The model of each type."""
