"""The two clocks: business time and wall time; no other file reads the time."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

NONE = timedelta(0)
_SPEC = re.compile(r"(?P<start>\S+)(?:\s+x(?P<speed>\S+))?(?:\s+@(?P<anchor>\S+))?")


class Clock(Protocol):
    """Tells business time and wall time, both in UTC and to the millisecond."""

    ticks: bool
    """Whether business time moves by itself, so that deadlines need ticks."""

    def now(self, ago: timedelta = NONE) -> datetime:
        """Business time, as it was `ago` of wall time before."""

    def wall(self) -> datetime:
        """Wall time, for all that is agreed between machines."""

    def seconds_until(self, moment: datetime) -> float | None:
        """Wall seconds until business time reaches the moment; 0 if passed, None if never."""


class WallClock:
    """Business time is wall time."""

    ticks = True

    def now(self, ago: timedelta = NONE) -> datetime:
        return self.wall() - ago

    def wall(self) -> datetime:
        return _whole(datetime.now(UTC))

    def seconds_until(self, moment: datetime) -> float | None:
        return max(0.0, (moment - self.now()).total_seconds())


class JournalClock(WallClock):
    """Business time moves with the records alone: wall time judges plausibility, nothing ticks."""

    ticks = False

    def seconds_until(self, moment: datetime) -> float | None:  # noqa: ARG002 - by the protocol
        return None


class BusinessClock(WallClock):
    """Business time from a given start, running `speed` times as fast as wall time."""

    def __init__(self, start: datetime, speed: float, anchor: float) -> None:
        """`anchor` is the wall moment of `start`, in seconds since the epoch."""
        self._start = start
        self._speed = speed
        self._anchor = datetime.fromtimestamp(anchor, UTC)

    def now(self, ago: timedelta = NONE) -> datetime:
        return _whole(self._start + (datetime.now(UTC) - ago - self._anchor) * self._speed)

    def seconds_until(self, moment: datetime) -> float | None:
        return max(0.0, (moment - self.now()).total_seconds() / self._speed)


def parse_clock(spec: str) -> Clock:
    """The clock of `wall`, `journal` or `<RFC 3339> x<speed> @<unix seconds>`.

    Speed defaults to 1, the anchor to this moment. Raises ValueError with what is wrong.
    """
    if spec == "wall":
        return WallClock()
    if spec == "journal":
        return JournalClock()
    return BusinessClock(*_parts(spec))


def pin_clock(spec: str) -> str:
    """The same clock with its anchor written out, so that all processes given it agree."""
    if spec in {"wall", "journal"}:
        return spec
    start, speed, anchor = _parts(spec)
    return f"{start.isoformat()} x{speed:g} @{anchor:.3f}"


def monotonic() -> float:
    """Seconds of a clock that never goes back, for durations."""
    return time.perf_counter()


def _parts(spec: str) -> tuple[datetime, float, float]:
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        message = f"a clock is wall, journal or '<RFC 3339> x<speed> @<unix seconds>': {spec!r}"
        raise ValueError(message)
    try:
        start = datetime.fromisoformat(match["start"])
    except ValueError:
        message = f"a clock is wall, journal or '<RFC 3339> x<speed> @<unix seconds>': {spec!r}"
        raise ValueError(message) from None
    if start.tzinfo is None:
        message = f"a clock's start needs an offset: {spec!r}"
        raise ValueError(message)
    speed = float(match["speed"] or 1)
    if not 0 < speed < float("inf"):
        message = f"a clock's speed is above 0: {spec!r}"
        raise ValueError(message)
    return start.astimezone(UTC), speed, float(match["anchor"] or time.time())


def _whole(moment: datetime) -> datetime:
    return moment - moment.microsecond % 1000 * timedelta(microseconds=1)
