"""Days gathered into as many stretches as a chart can show."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, NamedTuple

from services.cli.backtest.volume import DayVolume

_MOST: Final = 62


class Stretch(NamedTuple):
    """A day, a week, a month, ... and what was told in it."""

    label: str
    alerts: int
    pages: int


class Calendar(NamedTuple):
    """What one stretch is, and the name of that of each day."""

    unit: str
    name_of: Callable[[date], str]


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


_CALENDARS: Final = (
    Calendar("day", date.isoformat),
    Calendar("week", _week),
    Calendar("month", lambda day: f"{day.year}-{day.month:02}"),
    Calendar("quarter", _quarter),
    Calendar("year", lambda day: str(day.year)),
)


def calendar_of(days: Sequence[date]) -> Calendar:
    """The finest in which the days are not too many."""
    fit = (each for each in _CALENDARS if len({each.name_of(day) for day in days}) <= _MOST)
    return next(fit, _CALENDARS[-1])


def gathered(told: Sequence[DayVolume], days: Sequence[date], calendar: Calendar) -> list[Stretch]:
    """What was told in each stretch, also where it was nothing."""
    alerts = dict.fromkeys((calendar.name_of(day) for day in days), 0)
    pages = dict(alerts)
    for each in told:
        alerts[calendar.name_of(each.day)] += each.alerts
        pages[calendar.name_of(each.day)] += each.pages
    return [Stretch(label, alerts[label], pages[label]) for label in alerts]
