"""When an event counts as received: the only place where `ingested_at` is decided."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

from schemas.events import Event


class Stamp(Protocol):
    """Gives the moments of receipt of one batch, in order."""

    def receipt(self, event: Event) -> datetime:
        """When an event that does not say so was received."""

    def allows(self, received_at: datetime) -> bool:
        """Whether a backfill may say that it was received then."""

    def moment(self) -> datetime | None:
        """The time now; None when no record has said it yet."""

    def after(self, at: datetime) -> Self:
        """The stamp for what comes after an event that was received at `at`."""


@dataclass(frozen=True, slots=True)
class ClockStamp:
    """A batch is received at one moment of a clock that moves by itself."""

    now: datetime

    def receipt(self, event: Event) -> datetime:  # noqa: ARG002 -- the event's times do not count
        return self.now

    def allows(self, received_at: datetime) -> bool:
        return received_at <= self.now

    def moment(self) -> datetime:
        return self.now

    def after(self, at: datetime) -> Self:  # noqa: ARG002 -- the clock moves by itself
        return self


@dataclass(frozen=True, slots=True)
class JournalStamp:
    """Time moves with the records: the running maximum of when they were received or written."""

    last: datetime | None = None

    def receipt(self, event: Event) -> datetime:
        written_at = max(event.recorded_at, event.revised_at)
        return written_at if self.last is None else max(written_at, self.last)

    def allows(self, received_at: datetime) -> bool:  # noqa: ARG002 -- it is what moves this clock
        return True

    def moment(self) -> datetime | None:
        return self.last

    def after(self, at: datetime) -> Self:
        return replace(self, last=at if self.last is None else max(at, self.last))
