"""The curves of rules as an SVG: how often right, and how long the wait, over the recall."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple, Protocol

_COLOURS = ("#444", "#d95f02", "#e6ab02", "#7570b3", "#66a61e", "#1b9e77", "#1f78b4", "#e7298a")
_WIDTH, _HEIGHT, _LEFT, _TOP = 400, 300, 60, 30


class Point(Protocol):
    """What a rule comes to at one threshold."""

    @property
    def right(self) -> float: ...
    @property
    def recall(self) -> float: ...
    @property
    def wait(self) -> float: ...


class _Panel(NamedTuple):
    left: int
    title: str
    lowest: float
    highest: float
    goal: float

    def x(self, recall: float) -> float:
        return self.left + (recall - 0.5) / 0.5 * _WIDTH

    def y(self, value: float) -> float:
        inside = min(max(value, self.lowest), self.highest)
        return _TOP + (self.highest - inside) / (self.highest - self.lowest) * _HEIGHT


_RIGHT = _Panel(_LEFT, "right", 0.5, 1.0, 0.8)
_WAIT = _Panel(_LEFT + _WIDTH + 80, "mean wait, days", 0.0, 7.5, 1.0)


def draw(path: Path, curves: Mapping[str, Sequence[Point]]) -> None:
    """Recall from 50 % on; the goal is drawn as dashes."""
    parts = [*_frame(_RIGHT), *_frame(_WAIT)]
    for place, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        shown = [point for point in points if point.recall >= 0.5]
        parts += _line([(_RIGHT.x(p.recall), _RIGHT.y(p.right)) for p in shown], colour)
        parts += _line([(_WAIT.x(p.recall), _WAIT.y(p.wait)) for p in shown], colour)
        parts.append(_text(_LEFT + place % 4 * 225, 400 + place // 4 * 20, f"● {name}", colour))
    size = 'viewBox="0 0 960 440" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><rect width="960" height="440" '
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + 'fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n", encoding="utf-8")


def _frame(panel: _Panel) -> Iterator[str]:
    yield _text(panel.left, _TOP - 10, f"{panel.title}, over recall", "#000")
    for step in range(6):
        recall = 0.5 + step / 10
        value = panel.lowest + (panel.highest - panel.lowest) * step / 5
        yield _text(panel.x(recall) - 10, _TOP + _HEIGHT + 18, f"{recall:.0%}", "#000")
        label = f"{value:.0%}" if panel.highest <= 1 else f"{value:.1f}"
        yield _text(panel.left - 40, panel.y(value) + 4, label, "#000")
    yield from _segment(panel, (0.5, panel.lowest), (1.0, panel.lowest), "")
    yield from _segment(panel, (0.5, panel.lowest), (0.5, panel.highest), "")
    yield from _segment(panel, (0.5, panel.goal), (1.0, panel.goal), "4")
    yield from _segment(panel, (0.85, panel.lowest), (0.85, panel.highest), "4")


def _segment(
    panel: _Panel, start: tuple[float, float], end: tuple[float, float], dashes: str
) -> Iterator[str]:
    ends = f'x1="{panel.x(start[0]):.0f}" y1="{panel.y(start[1]):.0f}" '
    ends += f'x2="{panel.x(end[0]):.0f}" y2="{panel.y(end[1]):.0f}"'
    yield f'<line {ends} stroke="#999" stroke-dasharray="{dashes}"/>'


def _line(points: Sequence[tuple[float, float]], colour: str) -> Iterator[str]:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    if len(points) == 1:
        yield f'<circle cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="5" fill="{colour}"/>'


def _text(x: float, y: float, text: str, colour: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}">{escape(text)}</text>'
