"""The charts of a backtest, each with its table."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.cli.backtest import words
from services.cli.backtest.calendar import calendar_of, gathered
from services.cli.backtest.charts import Bar, Caption, Part, Series, bars, columns
from services.cli.backtest.comparison import Comparison
from services.cli.backtest.markup import Markup, element, joined
from services.cli.backtest.precision import Precision
from services.cli.backtest.span import Night
from services.cli.backtest.volume import KindVolume
from services.cli.backtest.words import Row

_TODAY, _NEW = ("today's rules", "today"), ("new rules", "new")
_BOTH = (_TODAY, _NEW)
_VERDICTS = (("right", "right"), ("wrong", "wrong"), ("unknown", "unknown"))


def by_time(told: Comparison, days: Sequence[date]) -> Markup:
    """Alerts, then pages, of each day or of longer stretches."""
    calendar = calendar_of(days)
    today = gathered(told.today.volume.days, days, calendar)
    new = gathered(told.new.volume.days, days, calendar)
    labels = [each.label for each in today]
    counts = {
        "Alerts": ([each.alerts for each in today], [each.alerts for each in new]),
        "Pages": ([each.pages for each in today], [each.pages for each in new]),
    }
    return joined(
        _timeline(f"{what} per {calendar.unit}", calendar.unit, labels, both)
        for what, both in counts.items()
    )


def _timeline(
    title: str, unit: str, labels: Sequence[str], both: tuple[Sequence[int], Sequence[int]]
) -> Markup:
    said = f"From {labels[0]} to {labels[-1]}, by both rules; the table has the figures."
    drawn = columns(Caption(title.lower().replace(" ", "-"), title, said), labels, _pair(*both))
    rows = [(name, *map(str, counts)) for name, *counts in zip(labels, *both, strict=True)]
    return _figure(title, _BOTH, drawn, table((unit, "today", "new"), rows))


def by_kind(told: Comparison) -> Markup:
    """Alerts of each kind."""
    volumes = (told.today.volume, told.new.volume)
    names = dict.fromkeys(each.delay for volume in volumes for each in volume.kinds)
    drawn = [
        _kind_bar(name, side, next((k for k in volume.kinds if k.delay == name), None))
        for name in names
        for side, volume in zip(_BOTH, volumes, strict=True)
    ]
    title = "Alerts by kind"
    caption = Caption(
        "kinds", title, "Alerts of each kind by both rules; the table has the figures."
    )
    return _figure(
        title, _BOTH, bars(caption, drawn), table(words.KINDS_HEAD, words.kind_rows(told)), "wide"
    )


def by_hour(told: Comparison, night: Night) -> Markup:
    """Alerts by the hour of the clock, the night on another ground."""
    today, new = told.today.volume, told.new.volume
    labels = [f"{hour:02}" for hour in range(24)]
    title = f"Alerts by hour of the day ({night.zone})"
    caption = Caption("hours", title, "The night is shaded; the table has the figures.")
    shaded = [hour for hour in range(24) if night.has_hour(hour)]
    drawn = columns(caption, labels, _pair(today.alerts_by_hour, new.alerts_by_hour), shaded)
    counts = (today.alerts_by_hour, new.alerts_by_hour, today.pages_by_hour, new.pages_by_hour)
    rows = [(label, *(str(count[n]) for count in counts)) for n, label in enumerate(labels)]
    head = ("hour", "alerts, today", "new", "pages, today", "new")
    return _figure(title, _BOTH, drawn, table(head, rows))


def by_truth(told: Comparison) -> Markup:
    """How often alerts were right, where the record tells."""
    drawn = [
        _truth_bar(row, name) for row, name in words.sided(told.today.precision, told.new.precision)
    ]
    title = "Right, wrong and unknown"
    if not drawn:
        return joined([element("h2", title), element("p", words.NO_TRUTH)])
    said = "Alerts by what the record finally tells of them; the table has the figures."
    shown = bars(Caption("truth", title, said), drawn)
    return _figure(
        title, _VERDICTS, shown, table(words.PRECISION_HEAD, words.precision_rows(told)), "wide"
    )


def table(head: Row, rows: Sequence[Row], style: str = "figures") -> Markup:
    """A table that can be scrolled, by keyboard too."""
    return element(
        "div",
        element(
            "table",
            element("thead", element("tr", *(element("th", name, scope="col") for name in head))),
            element("tbody", *(_row(row) for row in rows)),
        ),
        class_=f"scroll {style}",
        tabindex="0",
        role="region",
        aria_label=f"table: {', '.join(dict.fromkeys(name for name in head if name))}",
    )


def _key(names: Sequence[tuple[str, str]]) -> Markup:
    """Which colour is what."""
    items = (element("li", element("i", class_=style), name) for name, style in names)
    return element("ul", *items, class_="key")


def _row(row: Row) -> Markup:
    first, *rest = row
    return element("tr", element("th", first, scope="row"), *(element("td", each) for each in rest))


def _figure(
    title: str, names: Sequence[tuple[str, str]], drawn: Markup, told: Markup, style: str = "pair"
) -> Markup:
    """A chart with its table: beside it as a `pair`, below it if that is `wide`."""
    chart = element("div", _key(names), drawn)
    return joined([element("h2", title), element("figure", chart, told, class_=style)])


def _pair(today: Sequence[float], new: Sequence[float]) -> list[Series]:
    return [Series(*_TODAY, today), Series(*_NEW, new)]


def _kind_bar(name: str, side: tuple[str, str], volume: KindVolume | None) -> Bar:
    alerts = volume.alerts if volume else 0
    label = name if side is _TODAY else ""
    return Bar(label, [Part(*side, alerts)], str(alerts))


def _truth_bar(row: Precision, name: str) -> Bar:
    counts: Iterator[int] = iter((row.right, row.wrong, row.unknown))
    parts = [Part(*verdict, next(counts)) for verdict in _VERDICTS]
    return Bar(f"{row.delay} {row.grade}, {name}", parts, words.share(row.precision))
