"""Moments as milliseconds since the epoch, the resolution of all times here."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LAST_MS = 253_402_300_799_999
"""The last millisecond a datetime can hold (year 9999)."""


def to_ms(moment: datetime) -> int:
    """The moment in milliseconds, rounded up so that nothing is ever early."""
    return -((EPOCH - moment) // MILLISECOND)


def from_ms(ms: int) -> datetime:
    return EPOCH + ms * MILLISECOND
