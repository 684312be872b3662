"""Times on the wire: RFC 3339 with an offset, read and written in UTC to the millisecond."""

import re
from datetime import UTC, datetime
from typing import Final

import orjson

from schemas.values import BadValue
from schemas.vocabulary import RefusalReason

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
_WHOLE_SECONDS: Final = len("2026-02-03T19:20:00Z")

_USUAL = re.compile(
    r"20(?:0[1-9]|[1-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
"""In capitals, to the millisecond at most, and within the years wherever it is."""
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)


def wire(at: datetime) -> str:
    """The time in UTC as `2026-02-03T19:20:00Z`, with `.sss` only when not zero, never rounded.

    Raises ValueError for a naive time.
    """
    if at.tzinfo is None:
        raise BadValue(RefusalReason.NAIVE_TIME, "a time needs an offset")
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    # Several times as fast as isoformat.
    text = orjson.dumps(at, option=orjson.OPT_UTC_Z).decode()[1:-1]
    if len(text) == _WHOLE_SECONDS:
        return text
    return (text[:19] if text[19:23] == ".000" else text[:23]) + "Z"


def parse(text: str) -> datetime:
    """The time of a wire text, in UTC, cut to the millisecond.

    Raises BadValue (a ValueError) for a text that is no RFC 3339 time, has no offset, or lies
    outside the years 2000 to 2100.
    """
    if _USUAL.fullmatch(text) is None:
        return _parse_any(text)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return _parse_any(text)


def _parse_any(text: str) -> datetime:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise BadValue(RefusalReason.WRONG_TYPE, "a time is written 2026-02-03T14:20:00-05:00")
    if match.lastindex is None:
        raise BadValue(RefusalReason.NAIVE_TIME, "a time needs an offset")
    try:
        # RFC 3339 allows "t" and "z"; Python 3.11 does not read them everywhere.
        at = datetime.fromisoformat(text if text.isupper() else text.upper())
    except ValueError:
        says = "a time is a day of the calendar and a time of day up to 23:59:59"
        raise BadValue(RefusalReason.WRONG_TYPE, says) from None
    return plausible(at)


def plausible(at: datetime) -> datetime:
    """An aware time in UTC, cut to the millisecond; BadValue when naive or outside 2000 to 2100."""
    if at.tzinfo is None:
        raise BadValue(RefusalReason.NAIVE_TIME, "a time needs an offset")
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        raise _implausible() from None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise _implausible()
    finer = at.microsecond % 1000
    return at.replace(microsecond=at.microsecond - finer) if finer else at


def _implausible() -> BadValue:
    says = "a time lies in the years 2000 to 2100"
    return BadValue(RefusalReason.IMPLAUSIBLE_TIME, says)
