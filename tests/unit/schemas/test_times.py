"""Times on the wire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schemas.times import parse, wire
from schemas.values import BadValue

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-02-03T12:00:00Z", NOON),
        ("2026-02-03t12:00:00z", NOON),
        ("2026-02-03T07:00:00-05:00", NOON),
        ("2026-02-03T12:00:00-00:00", NOON),
        ("2026-02-03T12:00:00.0009999Z", NOON),
        ("2026-02-03T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-02-03T12:00:00.1239+00:00", NOON + timedelta(milliseconds=123)),
        ("1999-12-31T23:30:00-01:00", datetime(2000, 1, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_reads(text: str, at: datetime) -> None:
    assert parse(text) == at


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-03T12:00:00", "naive_time"),
        ("2026-02-03", "wrong_type"),
        ("2026-02-03 12:00:00Z", "wrong_type"),
        ("2026-02-03T12:00Z", "wrong_type"),
        ("2026-02-03T12:00:00+0500", "wrong_type"),
        ("2026-02-03T12:00:00+24:00", "wrong_type"),
        ("2026-02-30T12:00:00Z", "wrong_type"),
        ("2026-02-03T24:00:00Z", "wrong_type"),
        ("2026-02-03T23:59:60Z", "wrong_type"),
        ("٢٠٢٦-02-03T12:00:00Z", "wrong_type"),
        ("2026-02-03T12:00:00Z\n", "wrong_type"),
        ("1770000000", "wrong_type"),
        ("", "wrong_type"),
        ("1999-12-31T23:59:59Z", "implausible_time"),
        ("2000-01-01T00:00:00+01:00", "implausible_time"),
        ("2101-01-01T00:00:00Z", "implausible_time"),
        ("2100-12-31T23:59:59-05:00", "implausible_time"),
        ("0001-01-01T00:00:00+05:00", "implausible_time"),
        ("9999-12-31T23:59:59-05:00", "implausible_time"),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOON, "2026-02-03T12:00:00Z"),
        (NOON + timedelta(microseconds=999), "2026-02-03T12:00:00Z"),
        (NOON + timedelta(microseconds=1999), "2026-02-03T12:00:00.001Z"),
        (NOON + timedelta(milliseconds=250), "2026-02-03T12:00:00.250Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-02-03T12:00:00Z"),
    ],
)
def test_writes(at: datetime, text: str) -> None:
    assert wire(at) == text


def test_writes_no_naive_time() -> None:
    with pytest.raises(ValueError, match="offset"):
        wire(NOON.replace(tzinfo=None))
