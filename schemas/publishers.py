"""What is known of those who report: how they do, and what the tracker tells itself of it."""

from typing import Annotated, Final, Literal

from pydantic import Field, RootModel

from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.vocabulary import Classifier, Kind, Mode, MovementKind

KEY: Final = "publisher/"
"""What the keys of their records begin with."""

Fate = Literal["applied", "contact", "duplicate", "stale", "conflict", "too_many"]
"""What became of a report."""


def _absent(value: object) -> bool:
    return not value


_Left = Field(default=None, exclude_if=_absent)


class ReportedDelivery(Contract):
    """A delivery that was due and unreported, and became known."""

    subject: str
    """`kind/subject_id`"""
    due_at: Time
    known_at: Time
    """When it was reported."""
    delivered_at: Annotated[Time | None, _Left]
    """Absent where that report does not stand."""
    country: Annotated[str, Field(default="", exclude_if=_absent)]
    late_at: Annotated[Time | None, _Left]
    """Made then or later it was truly late: due, and the patience of its rules."""


class Activity(Contract):
    """What one word of a movement, or an answer, says of one publisher; fields may be absent."""

    at: Time
    """The partition time of the movement then."""
    fate: Annotated[Fate | None, _Left]
    """Of a report of this publisher; absent if it said nothing itself."""
    kind: Annotated[MovementKind | None, _Left]
    mode: Annotated[Mode | None, _Left]
    """How the movement travels."""
    type: Annotated[str | None, _Left]
    classifier: Annotated[Classifier | None, _Left]
    occurred_at: Annotated[Time | None, _Left]
    correction: Annotated[bool, Field(default=False, exclude_if=_absent)]
    """A later word of the same event, or its retraction."""
    moving: Annotated[int, Field(default=0, ge=-1, le=1, exclude_if=_absent)]
    """1: a movement is in transit by this publisher's word; -1: one is no longer."""
    answers: Annotated[Time | None, _Left]
    """A partition has read its journal to the question of that moment."""
    partition: Annotated[int | None, Field(default=None, exclude_if=lambda number: number is None)]
    delivery: Annotated[ReportedDelivery | None, _Left]
    """A delivery that this publisher planned is reported; or, other than before, it was not."""


class Activities(RootModel[tuple[Activity, ...]]):
    """All that the movements of one partition say of one publisher at once, in their order."""


class LagOfGroup(Contract):
    """How long reports of one kind and mode take: `ingested_at - occurred_at`, the last ones."""

    kind: Kind
    mode: Mode | None
    reports: Annotated[int, Field(ge=1)]
    p50: str
    p90: str


class Publisher(Contract):
    """A publisher's scorecard; durations are ISO 8601, and null while nothing is known."""

    publisher: str
    last_at: Time
    """When it was last heard of."""
    reports: Annotated[int, Field(ge=0)]
    """All that were admitted, whatever became of them."""
    late: Annotated[int, Field(ge=0)]
    """Actual events that came more than a day after they happened."""
    late_share: float
    """Of the actual events but registrations."""
    duplicates: Annotated[int, Field(ge=0)]
    stale: Annotated[int, Field(ge=0)]
    """Older words than those that stood."""
    corrections: Annotated[int, Field(ge=0)]
    conflicts: Annotated[int, Field(ge=0)]
    future_stamps: Annotated[int, Field(ge=0)]
    """Actual events that happened after they came; the edge refuses more than ten minutes."""
    lag_p50: str | None
    lag_p90: str | None
    """Of the last actual reports of all kinds and modes."""
    median_interval: str | None
    moving: Annotated[int, Field(ge=0)]
    """Subjects in transit by its word."""
    silent_since: Time | None
    lags: Annotated[tuple[LagOfGroup, ...], AsTuple]
