"""How much would have been told: by kind, by day, by hour and by night."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from schemas.vocabulary import DELAY_NAMES
from services.cli.backtest.alerts import Alert
from services.cli.backtest.span import Night, Span


class DayVolume(msgspec.Struct, frozen=True):
    """What was told of one kind on one day; days without any are left out."""

    day: date
    delay: str
    alerts: int
    pages: int


class KindVolume(msgspec.Struct, frozen=True):
    """What was told of one kind, or of all."""

    delay: str
    alerts: int
    pages: int
    alerts_a_day: float
    pages_a_day: float
    worst_day: date | None
    alerts_on_it: int


class NightVolume(msgspec.Struct, frozen=True):
    """What fell into the night, with one person on call."""

    hours: float
    alerts: int
    pages: int
    alerts_an_hour: float | None
    pages_an_hour: float | None


class Volume(msgspec.Struct, frozen=True):
    """All that was told by one set of rules."""

    all: KindVolume
    kinds: list[KindVolume]
    days: list[DayVolume]
    alerts_by_hour: list[int]
    pages_by_hour: list[int]
    night: NightVolume


Told = tuple[date, str]


def volume_of(alerts: Sequence[Alert], span: Span, night: Night) -> Volume:
    """Count the alerts: an alert when it was first told, a page when first told as critical."""
    pages = [(alert, at) for alert in alerts if (at := alert.paged_at) is not None]
    local = [(a.about.delay, a.at.astimezone(night.zone)) for a in alerts]
    waking = [(a.about.delay, at.astimezone(night.zone)) for a, at in pages]
    told, paged = _by_day(local), _by_day(waking)
    length = sum(1 for _ in span.days(night.zone))
    names = {delay for _, delay in told}
    kinds = [_kind(each, told, paged, length) for each in DELAY_NAMES if each in names]
    return Volume(
        _all(told, paged, length),
        kinds,
        [DayVolume(*each, told[each], paged[each]) for each in sorted(told | paged)],
        _by_hour(at for _, at in local),
        _by_hour(at for _, at in waking),
        _night([a.at for a in alerts], [at for _, at in pages], span, night),
    )


def _by_day(told: Iterable[tuple[str, datetime]]) -> Counter[Told]:
    return Counter((at.date(), delay) for delay, at in told)


def _by_hour(moments: Iterable[datetime]) -> list[int]:
    count = Counter(at.hour for at in moments)
    return [count[hour] for hour in range(24)]


def _kind(delay: str, told: Counter[Told], paged: Counter[Told], length: int) -> KindVolume:
    days = {day: count for (day, each), count in told.items() if each == delay}
    pages = sum(count for (_, each), count in paged.items() if each == delay)
    return _summed(delay, days, pages, length)


def _all(told: Counter[Told], paged: Counter[Told], length: int) -> KindVolume:
    days: Counter[date] = Counter()
    for (day, _), count in told.items():
        days[day] += count
    return _summed("all", days, sum(paged.values()), length)


def _summed(delay: str, days: dict[date, int], pages: int, length: int) -> KindVolume:
    worst = min(days, key=lambda day: (-days[day], day), default=None)
    alerts, most = sum(days.values()), days[worst] if worst else 0
    return KindVolume(delay, alerts, pages, alerts / length, pages / length, worst, most)


def _night(
    told: Iterable[datetime], paged: Iterable[datetime], span: Span, night: Night
) -> NightVolume:
    hours = span.night_hours(night)
    alerts, pages = sum(map(night.covers, told)), sum(map(night.covers, paged))
    rates = (alerts / hours, pages / hours) if hours else (None, None)
    return NightVolume(hours, alerts, pages, *rates)
