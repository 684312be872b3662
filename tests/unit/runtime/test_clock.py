"""Business time runs from where and as fast as it was told."""

from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.clock import parse_clock, pin_clock

ANCHOR = datetime(2026, 1, 5, tzinfo=UTC)


def test_wall_is_now() -> None:
    clock = parse_clock("wall")
    assert clock.ticks
    assert clock.now() - clock.wall() < timedelta(seconds=1)
    assert clock.now().microsecond % 1000 == 0
    assert clock.seconds_until(clock.now() - timedelta(hours=1)) == 0
    assert 3590 < (clock.seconds_until(clock.now() + timedelta(hours=1)) or 0) <= 3600


def test_the_journal_alone_moves_time_so_nothing_is_waited_for() -> None:
    clock = parse_clock("journal")
    assert not clock.ticks
    assert clock.seconds_until(clock.now()) is None


def test_business_time_runs_from_its_anchor() -> None:
    anchor = parse_clock("wall").wall().timestamp() - 10
    clock = parse_clock(f"2026-01-05T00:00:00Z x30000 @{anchor:.3f}")
    passed = clock.now() - ANCHOR
    assert timedelta(seconds=299_000) < passed < timedelta(seconds=360_000)
    assert 0 < (clock.seconds_until(clock.now() + timedelta(seconds=30_000)) or 0) <= 1
    earlier = clock.now(timedelta(milliseconds=250))
    assert timedelta(seconds=7000) < clock.now() - earlier < timedelta(seconds=20_000)


def test_a_pinned_clock_is_the_same_in_every_process() -> None:
    pinned = pin_clock("2026-01-05T01:00:00+01:00 x60")
    assert pinned.startswith("2026-01-05T00:00:00+00:00 x60 @")
    assert pin_clock(pinned) == pinned
    assert pin_clock("wall") == "wall"


@pytest.mark.parametrize(
    "spec",
    ["", "now", "2026-01-05", "2026-01-05T00:00:00 x2", "2026-01-05T00:00:00Z x0",
     "2026-01-05T00:00:00Z xfast", "2026-01-05T00:00:00Z x-1", "2026-01-05T00:00:00Z x2 @noon",
     "2026-01-05T00:00:00Z xinf", "2026-01-05T00:00:00Z xnan"],
)  # fmt: skip
def test_what_is_no_clock_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_clock(spec)
