"""Moments as milliseconds since the epoch, the resolution of all times here."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LAST_MS = 253_402_300_799_999
"""The last millisecond a datetime can hold (year 9999)."""


def to_ms(moment: datetime) -> int:
    """The moment in milliseconds, rounded up so that nothing is ever early."""
    return -((EPOCH - moment) // MILLISECOND)


@lru_cache(maxsize=1000)
def from_ms(ms: int) -> datetime:
    return EPOCH + ms * MILLISECOND
