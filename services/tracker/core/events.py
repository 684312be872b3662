"""What the tracker keeps of one event: a report, decoded straight from the journal."""

from datetime import datetime
from hashlib import sha256
from operator import attrgetter

import msgspec

from schemas.canonical import without_ingested_at

Quantity = int | float

DIGEST_BYTES = 16
"""Of the canonical hash: enough to tell contents apart and, as it leads, to order them."""

_LINE_BYTES = 160
"""As a public view writes one."""
_CHARACTER_BYTES = 4


class Place(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where something happened."""

    country: str | None = None
    unlocode: str | None = None
    name: str | None = None


class Parties(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who owns and who holds the subject after the event."""

    owner: str | None = None
    custodian: str | None = None


class Refs(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Which promise a movement fulfils, and which request a promise answers."""

    commitment: str | None = None
    request: str | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
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


class Child(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A part that a split moved to a subject of its own."""

    subject_id: str
    lines: tuple[Line, ...] = ()
    due_at: datetime | None = None


class Choice(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What an operator prefers: a publisher's reports of a type, or a content of one report."""

    publisher: str
    type: str | None = None
    event_id: str | None = None
    content: str | None = None


class Report(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event as the facts need it; what they do not need is left in the journal.

    It is stored as a plain array: a new field goes to the end, with a default. Words of closed
    lists are any text here, so that a build reads what the next one stored.
    """

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
    counts: Choice | None = None
    due_at: datetime | None = None
    recipient: str | None = None
    programme: str | None = None

    @property
    def identity(self) -> str:
        """What makes it one event within its subject, as evidence names it."""
        return f"{self.publisher}/{self.event_id}"

    @property
    def happened_at(self) -> datetime:
        """`occurred_at`, which only a retraction may lack."""
        return self.occurred_at or self.recorded_at

    @property
    def counts_from(self) -> datetime:
        """When what it says became so: when it happened, else when it was said."""
        actual = self.classifier == "actual" and not self.retracted
        return self.happened_at if actual else self.revised_at

    @property
    def size(self) -> int:
        """About how many bytes its lines take at most; all else is small."""
        if not self.lines and not self.children:
            return 0
        lines = (*self.lines, *(line for child in self.children for line in child.lines))
        texts = sum(len(serial) for line in lines for serial in line.serials)
        return _LINE_BYTES * (len(lines) + len(self.children)) + _CHARACTER_BYTES * texts


class _JournalReport(Report, frozen=True, array_like=False):
    """A report with its fields by name, as the journal has it."""


recency = attrgetter("revised_at", "publisher", "event_id")
"""Orders reports from the oldest to the newest word."""

_decoder = msgspec.json.Decoder(_JournalReport)


def read_report(value: bytes) -> Report:
    """Decode a journal value.

    Raises:
        msgspec.MsgspecError: it is not an admitted event.
    """
    return Report(*msgspec.structs.astuple(_decoder.decode(value)))


def content_hash(value: bytes) -> bytes:
    """The head of the canonical hash of a journal value."""
    return sha256(without_ingested_at(value)).digest()[:DIGEST_BYTES]
