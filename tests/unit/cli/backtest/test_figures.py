"""Days, nights, kinds, and what appears and vanishes, on alerts made up by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.cli.backtest.alerts import About, Alert, Grade
from services.cli.backtest.calendar import calendar_of, gathered
from services.cli.backtest.charts import _steps
from services.cli.backtest.difference import Sighting, difference
from services.cli.backtest.span import Night, Span
from services.cli.backtest.volume import volume_of

KYIV = ZoneInfo("Europe/Kyiv")
NIGHT = Night(22, 6, ZoneInfo("UTC"))


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def alert(subject: str, *moments: datetime, delay: str = "silent") -> Alert:
    grades = zip(moments, ("warning", "critical"), strict=False)
    told = tuple(Grade(moment, severity, None) for moment, severity in grades)
    return Alert(About(delay, "shipment", subject), 1, told)


@pytest.mark.parametrize(
    ("span", "hours"),
    [
        (Span(at(1), at(2)), 8),
        (Span(at(1, 12), at(1, 22)), 0),
        (Span(at(1, 23), at(2, 1)), 2),
        (Span(at(1, 5), at(1, 7)), 1),
        (Span(at(1), at(11)), 80),
        (Span(at(2), at(1)), 0),
    ],
)
def test_hours_of_the_night(span: Span, hours: float) -> None:
    assert span.night_hours(NIGHT) == hours


def test_a_night_is_of_its_place_and_shorter_when_clocks_go_forward() -> None:
    kyiv = Night(22, 6, KYIV)
    assert [kyiv.covers(at(10, hour)) for hour in (19, 20, 3, 4)] == [False, True, True, False]
    assert kyiv.of(date(2026, 3, 28)).length == timedelta(hours=7)
    assert Span(at(28, 12), at(29, 12)).night_hours(kyiv) == 7
    assert Night(9, 17, KYIV).of(date(2026, 3, 10)) == Span(at(10, 7), at(10, 15))


def test_volume_by_kind_day_hour_and_night() -> None:
    alerts = [
        alert("1", at(1, 23), at(3, 5)),
        alert("2", at(1, 12), delay="held"),
        alert("3", at(3, 6), at(3, 12)),
        alert("4", at(3, 21, 59)),
    ]
    volume = volume_of(alerts, Span(at(1), at(5)), NIGHT)
    kinds = [(k.delay, k.alerts, k.pages, k.worst_day, k.alerts_on_it) for k in volume.kinds]
    assert kinds == [
        ("held", 1, 0, date(2026, 3, 1), 1),
        ("silent", 3, 2, date(2026, 3, 3), 2),
    ]
    assert (volume.all.alerts_a_day, volume.all.pages_a_day) == (4 / 5, 2 / 5)
    assert (volume.all.worst_day, volume.all.alerts_on_it) == (date(2026, 3, 1), 2)
    assert (volume.alerts_by_hour[23], volume.pages_by_hour[5]) == (1, 1)
    night = volume.night
    # Of 1 March the hours before 6, and the four nights that follow, the last until midnight.
    assert (night.hours, night.alerts, night.pages) == (6 + 3 * 8 + 2, 1, 1)
    assert (night.alerts_an_hour, night.pages_an_hour) == (1 / 32, 1 / 32)


def test_without_a_night_there_is_no_rate() -> None:
    volume = volume_of([], Span(at(1, 12), at(1, 13)), NIGHT)
    assert (volume.night.hours, volume.night.pages_an_hour, volume.all.worst_day) == (0, None, None)


def test_days_are_gathered_until_they_fit() -> None:
    long = list(Span(at(1), at(1) + timedelta(days=100)).days(UTC))
    assert calendar_of(long[:62]).unit == "day"
    assert calendar_of(long).unit == "week"
    decade = list(Span(at(1), at(1) + timedelta(days=3650)).days(UTC))
    assert calendar_of(decade).unit == "quarter"
    days = volume_of([alert("1", at(1), at(9)), alert("2", at(8))], Span(at(1), at(9)), NIGHT).days
    weeks = gathered(days, long[:14], calendar_of(long))
    assert [tuple(week) for week in weeks] == [
        ("2026-W09", 1, 0),
        ("2026-W10", 1, 0),
        ("2026-W11", 0, 1),
    ]


def test_what_is_about_the_same_is_matched_in_order() -> None:
    one, other, third = (alert(subject, at(1)).about for subject in ("1", "2", "3"))
    today = [Sighting(one, at(1)), Sighting(one, at(5)), Sighting(other, at(2))]
    new = [Sighting(one, at(6)), Sighting(one, at(1)), Sighting(third, at(3)), Sighting(one, at(9))]
    found = difference(today, new)
    assert found.unchanged == 1
    assert [(each.about, each.at) for each in found.vanished] == [(other, at(2))]
    assert [(each.about, each.at) for each in found.appeared] == [(third, at(3)), (one, at(9))]
    assert [(each.about, each.at, each.new_at, each.days) for each in found.moved] == [
        (one, at(5), at(6), 1)
    ]
    assert found.moved_days_median == 1


@pytest.mark.parametrize(
    ("most", "axis"), [(0, (1, 1)), (1, (1, 1)), (5, (1, 5)), (6, (2, 3)), (224, (50, 5))]
)
def test_an_axis_has_few_round_steps(most: float, axis: tuple[float, int]) -> None:
    assert _steps(most) == axis
