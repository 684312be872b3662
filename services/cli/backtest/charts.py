"""Bar charts as static SVG, with a title and a description for those who do not see them."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import ceil
from typing import NamedTuple

from services.cli.backtest.markup import Markup, element, joined

_WIDTH = 720
_LEFT, _RIGHT = 48, 12
_TOP, _BOTTOM = 12, 40
_PLOT = 240
"""The height of columns, in the units of the drawing."""
_BAR, _GAP = 16, 12
_LETTER = 6.8
"""The width of a letter of the labels beside bars, at most."""
_VALUES = 56
"""The width of the figures behind them."""
_MOST_LABELS = 12
_MOST_STEPS = 5


class Series(NamedTuple):
    """Values of one colour: `style` is a class of the page's style sheet."""

    name: str
    style: str
    values: Sequence[float]


class Part(NamedTuple):
    """A piece of a bar."""

    name: str
    style: str
    value: float


class Bar(NamedTuple):
    """A horizontal bar of one or more parts, with what stands before and behind it."""

    label: str
    parts: Sequence[Part]
    figure: str


class Caption(NamedTuple):
    """What a chart is; `name` is unique on the page."""

    name: str
    title: str
    description: str


def columns(
    caption: Caption, labels: Sequence[str], series: Sequence[Series], shaded: Sequence[int] = ()
) -> Markup:
    """Columns side by side at each label; `shaded` ones stand on another ground."""
    step, count = _steps(max((value for each in series for value in each.values), default=0))
    top = step * count
    slot = (_WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    drawn = [
        *(_ground(_LEFT + number * slot, slot) for number in shaded),
        *_grid(step, count),
        *(
            _column(labels[number], each, number, _LEFT + number * slot + place, width, top)
            for place, width, each in _side_by_side(slot, series)
            for number in range(len(labels))
        ),
        *_below(labels, slot),
    ]
    return _drawing(caption, _TOP + _PLOT + _BOTTOM, drawn)


def bars(caption: Caption, rows: Sequence[Bar]) -> Markup:
    """One bar below the other, all on one scale."""
    most = max((sum(part.value for part in row.parts) for row in rows), default=0) or 1
    left = max((len(row.label) for row in rows), default=0) * _LETTER + _GAP
    scale = (_WIDTH - left - _VALUES) / most
    drawn = [each for number, row in enumerate(rows) for each in _bar(row, number, left, scale)]
    return _drawing(caption, len(rows) * (_BAR + _GAP) + _GAP, drawn)


def _drawing(caption: Caption, height: float, drawn: Sequence[Markup]) -> Markup:
    title, description = f"{caption.name}-title", f"{caption.name}-description"
    return element(
        "svg",
        element("title", caption.title, id=title),
        element("desc", caption.description, id=description),
        joined(drawn),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_labelledby=f"{title} {description}",
    )


def _side_by_side(slot: float, series: Sequence[Series]) -> Iterator[tuple[float, float, Series]]:
    width = slot * 0.8 / max(len(series), 1)
    for number, each in enumerate(series):
        yield slot * 0.1 + number * width, width, each


def _column(label: str, series: Series, number: int, x: float, width: float, top: float) -> Markup:
    value = series.values[number]
    height = _PLOT * value / top
    said = element("title", f"{label}, {series.name}: {value:g}")
    return _rect(series.style, (x, _TOP + _PLOT - height, width, height), said)


def _ground(x: float, width: float) -> Markup:
    return _rect("ground", (x, _TOP, width, _PLOT))


def _grid(step: float, count: int) -> Iterator[Markup]:
    for part in range(count + 1):
        y = _TOP + _PLOT - _PLOT * part / count
        yield element("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y)
        yield _text(f"{step * part:g}", _LEFT - 6, y + 4, "end")


def _below(labels: Sequence[str], slot: float) -> Iterator[Markup]:
    every = -(-len(labels) // _MOST_LABELS) or 1
    for number in range(0, len(labels), every):
        yield _text(labels[number], _LEFT + (number + 0.5) * slot, _TOP + _PLOT + 18, "middle")


def _bar(row: Bar, number: int, left: float, scale: float) -> Iterator[Markup]:
    y = _GAP + number * (_BAR + _GAP)
    yield _text(row.label, left - 8, y + _BAR - 4, "end")
    ends = list(accumulate((part.value * scale for part in row.parts), initial=left))
    for part, x in zip(row.parts, ends, strict=False):
        said = element("title", f"{row.label}, {part.name}: {part.value:g}")
        yield _rect(part.style, (x, y, part.value * scale, _BAR), said)
    yield _text(row.figure, ends[-1] + 6, y + _BAR - 4, "start")


def _rect(style: str, place: tuple[float, float, float, float], *said: Markup) -> Markup:
    x, y, width, height = (_round(each) for each in place)
    return element("rect", *said, class_=style, x=x, y=y, width=width, height=height)


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return element("text", text, x=_round(x), y=_round(y), text_anchor=anchor)


def _round(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _steps(most: float) -> tuple[float, int]:
    """The step of an axis, and how many of them hold the most: at least one, at most five."""
    steps = (factor * 10.0**power for power in range(16) for factor in (1, 2, 5))
    step = next(each for each in steps if each * _MOST_STEPS >= most)
    return step, max(ceil(most / step), 1)
