"""What the tracker keeps of one event: a report, decoded straight from the journal."""

from datetime import datetime

import msgspec

from schemas.canonical import canonical_hash, without_ingested_at

Quantity = int | float


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where something happened."""

    country: str | None = None
    unlocode: str | None = None
    name: str | None = None


class Parties(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who owns and who holds the subject after the event."""

    owner: str | None = None
    custodian: str | None = None


class Refs(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which promise the movement fulfils."""

    commitment: str | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a registration, hand-over, confirmation, loss, split or merger."""

    line: int
    item: str | None = None
    unit: str | None = None
    serials: tuple[str, ...] = ()
    quantity: Quantity = 0
    accepted: Quantity = 0
    damaged: Quantity = 0
    missing: Quantity = 0
    surplus: Quantity = 0


class Child(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part that a split moved to a subject of its own."""

    subject_id: str
    lines: tuple[Line, ...] = ()


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event as the facts need it; what they do not need is left in the journal."""

    publisher: str
    event_id: str
    type: str
    recorded_at: datetime
    revised_at: datetime
    classifier: str | None = None
    occurred_at: datetime | None = None
    retracted: bool = False
    leg: int = 1
    mode: str | None = None
    location: Place = Place()
    parties: Parties = Parties()
    refs: Refs = Refs()
    reason: str | None = None
    lines: tuple[Line, ...] = ()
    legs: int | None = None
    closed: bool = False
    hold_id: str | None = None
    silent_until: datetime | None = None
    children: tuple[Child, ...] = ()
    milestone: str | None = None
    at: datetime | None = None
    delay: str | None = None

    @property
    def identity(self) -> str:
        """What makes it one event within its subject, as evidence names it."""
        return f"{self.publisher}/{self.event_id}"

    @property
    def happened_at(self) -> datetime:
        """`occurred_at`, which only a retraction may lack."""
        return self.occurred_at or self.recorded_at

    @property
    def recency(self) -> tuple[datetime, str, str]:
        """Orders reports from the oldest to the newest word."""
        return (self.revised_at, self.publisher, self.event_id)


_decoder = msgspec.json.Decoder(Report)


def read_report(value: bytes) -> Report:
    """Decode a journal value.

    Raises:
        msgspec.MsgspecError: it is not an admitted event.
    """
    return _decoder.decode(value)


def content_hash(value: bytes) -> str:
    """The canonical hash of a journal value."""
    return canonical_hash(without_ingested_at(value))
