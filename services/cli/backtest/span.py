"""The time a backtest covers, and its nights."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Night:
    """The hours in which a page wakes somebody, from `begin` o'clock to `end` o'clock there."""

    begin: int
    end: int
    zone: tzinfo

    def __str__(self) -> str:
        return f"{self.begin:02}-{self.end:02} {self.zone}"

    def covers(self, at: datetime) -> bool:
        """Whether it is night at that moment."""
        return self.has_hour(at.astimezone(self.zone).hour)

    def has_hour(self, hour: int) -> bool:
        """Whether that hour of the clock is of the night."""
        if self.begin < self.end:
            return self.begin <= hour < self.end
        return hour >= self.begin or hour < self.end

    def of(self, day: date) -> "Span":
        """The night that begins on that day."""
        last = day if self.begin < self.end else day + _DAY
        begin, end = (
            datetime.combine(on, time(hour % 24), self.zone).astimezone(UTC)
            for on, hour in ((day, self.begin), (last, self.end))
        )
        return Span(begin, end)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first record to the end of time."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return max(self.end - self.begin, timedelta(0))

    def days(self, zone: tzinfo) -> Iterator[date]:
        """Every day of the calendar there that it touches."""
        first = self.begin.astimezone(zone).date()
        last = self.end.astimezone(zone).date()
        return (first + number * _DAY for number in range((last - first).days + 1))

    def night_hours(self, night: Night) -> float:
        """How many hours of it are night; a day on which clocks change has its own number."""
        before = self.begin.astimezone(night.zone).date() - _DAY
        nights = [night.of(day) for day in (before, *self.days(night.zone))]
        return sum(self._shared(each).length / _HOUR for each in nights)

    def _shared(self, other: "Span") -> "Span":
        return Span(max(self.begin, other.begin), min(self.end, other.end))
