"""The journal's own records, which other readers ignore."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.texts import Identifier
from schemas.vocabulary import Mode, MovementKind

BROADCAST: Final = frozenset({"tick", "rules", "learnt"})
"""Records that are written to every partition alike, or to one as it is; their key is null."""


class Tick(Contract):
    """Business time has reached `at` in this partition; its key is null."""

    type: Literal["tick"]
    at: Time


class Rules(Contract):
    """From here on delays are judged by these rules; in every partition, its key is null."""

    type: Literal["rules"]
    at: Time
    version: Identifier
    toml: str
    """The rules file as it was applied."""


class Terms(Contract):
    """By when a movement is to keep what a promise or a split says, and whose limits hold.

    Of each source the largest `seq` holds.
    """

    type: Literal["terms"]
    at: Time
    """The partition time of whoever sent it."""
    kind: MovementKind
    subject_id: str
    source: str
    """`commitment/<id>`, or `kind/subject_id` of the movement that was split."""
    seq: Annotated[int, Field(ge=1)]
    due_at: Time | None
    """When all is to be handed over; a plan of the movement's own goes before it."""
    commitment: str | None
    """The promise whose limits hold in the rules, where the movement names none."""
    withdrawn: bool
    """The source says nothing of it any more."""


class LearntGroup(Contract):
    """How a publisher reports on movements of one kind and mode, or on all."""

    kind: MovementKind | None
    """Null with mode: the publisher as a whole, where a group says too little."""
    mode: Mode | None
    reports: Annotated[int, Field(ge=1)]
    """That `lag` rests on."""
    lag: str
    """Nine in ten reports come within this time after what they tell of; ISO 8601."""


class Silence(Contract):
    """A publisher that says nothing although movements are in transit by its word."""

    since: Time
    """`heard_at` and so many times its usual interval."""
    heard_at: Time
    limit: str
    """From the last word to `since`; ISO 8601."""
    interval: str
    """Median time between its words; ISO 8601."""
    moving: Annotated[int, Field(ge=1)]


class LearntDelivery(Contract):
    """A delivery that was due and unreported, and became known."""

    at: Time
    """When that was known, or known better: of one subject the last word counts."""
    subject: str
    """`kind/subject_id`"""
    country: str
    """Empty where it is not known."""
    silence: str
    """From due to the report; ISO 8601."""
    late: bool
    """The goods were late, and not only the report."""


class Learnt(Contract):
    """What is known of a publisher from here on; in every partition, its key is null."""

    type: Literal["learnt"]
    at: Time
    publisher: str
    heard_at: Time
    """When it was last heard of."""
    groups: Annotated[tuple[LearntGroup, ...], AsTuple]
    silence: Silence | None
    """While it is silent."""
    deliveries: Annotated[tuple[LearntDelivery, ...], AsTuple]
    """That it planned, were due and unreported, and became known: those not yet told."""
    home: bool
    """In this partition, of the publisher's own key, its silence is told."""
    asks: bool
    """Whoever reads this answers on `publisher-activity`: so all that was said before is heard."""
