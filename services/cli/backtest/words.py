"""The figures of a backtest as the rows of tables, for the terminal and for the page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from schemas.times import wire
from services.cli.backtest.comparison import Comparison, Subject
from services.cli.backtest.difference import Difference, Lone, Moved
from services.cli.backtest.precision import Precision, Recall
from services.cli.backtest.volume import KindVolume

NOTHING: Final = "-"
SHOWN: Final = 50
"""So many of each list; `--json` has all."""

NO_TRUTH: Final = "Nobody was told of a late milestone, so nothing can be right or wrong."
_NOTHING_TOLD: Final = "By neither set of rules would anybody have been told of anything."
_BARE_DATES: Final = (
    "All alerts fall into one hour of the day, as in a record of bare dates: hours and nights mean"
    " nothing here."
)

Row = tuple[str, ...]


def number(value: float | None, digits: int = 2) -> str:
    """A figure, or a dash where there is none."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """In percent."""
    return NOTHING if value is None else f"{value:.1%}"


def moment(at: datetime) -> str:
    """As the wire has it, to the second."""
    return wire(at.replace(microsecond=0))


SUMMARY_HEAD: Final[Row] = ("", "today's rules", "new rules")
KINDS_HEAD: Final[Row] = (
    "delay", "alerts, today", "new", "a day, today", "new", "worst day, today", "new",
    "pages, today", "new",
)  # fmt: skip
PRECISION_HEAD: Final[Row] = (
    "delay", "grade", "rules", "right", "wrong", "unknown", "precision", "median earliness, days",
)  # fmt: skip
RECALL_HEAD: Final[Row] = ("delay", "rules", "truly late", "told before", "recall")
LONE_HEAD: Final[Row] = ("told at", "about")
MOVED_HEAD: Final[Row] = ("told at, today", "new", "days later", "about")


def summary_rows(told: Comparison) -> list[Row]:
    """The figures that matter most."""
    sides = (told.today, told.new)
    volumes = [side.volume for side in sides]
    hours = number(volumes[0].night.hours, 0)

    def row(name: str, values: Sequence[str]) -> Row:
        return (name, *values)

    return [
        row("rules", [side.rules for side in sides]),
        row("alerts", [number(v.all.alerts, 0) for v in volumes]),
        row("pages (critical)", [number(v.all.pages, 0) for v in volumes]),
        row("alerts a day", [number(v.all.alerts_a_day) for v in volumes]),
        row("pages a day", [number(v.all.pages_a_day) for v in volumes]),
        row("worst day", [_worst(v.all) for v in volumes]),
        row("alerts at night", [number(v.night.alerts, 0) for v in volumes]),
        row("pages at night", [number(v.night.pages, 0) for v in volumes]),
        row(
            f"alerts per night hour ({hours})", [number(v.night.alerts_an_hour, 4) for v in volumes]
        ),
        row("pages per night hour", [number(v.night.pages_an_hour, 4) for v in volumes]),
    ]


def kind_rows(told: Comparison) -> list[Row]:
    """Each kind, and all."""
    today, new = _by_kind(told.today.volume.kinds), _by_kind(told.new.volume.kinds)
    pairs = [(name, today.get(name), new.get(name)) for name in {**today, **new}]
    rows = [*pairs, ("all", told.today.volume.all, told.new.volume.all)]
    return [
        (
            name,
            *(str(each.alerts) if each else "0" for each in both),
            *(number(each.alerts_a_day) if each else "0" for each in both),
            *(_worst(each) if each else NOTHING for each in both),
            *(str(each.pages) if each else "0" for each in both),
        )
        for name, *both in rows
    ]


def precision_rows(told: Comparison) -> list[Row]:
    """Each kind and grade, today's above the new."""
    return [
        (
            row.delay,
            row.grade,
            name,
            *(str(count) for count in (row.right, row.wrong, row.unknown)),
            share(row.precision),
            number(row.earliness_days, 1),
        )
        for row, name in sided(told.today.precision, told.new.precision)
    ]


def sided(today: Sequence[Precision], new: Sequence[Precision]) -> list[tuple[Precision, str]]:
    """Both rules' rows of each kind and grade together."""
    rows = [*((each, "today") for each in today), *((each, "new") for each in new)]
    return sorted(rows, key=lambda row: (row[0].delay, _grade_order(row[0])))


def recall_rows(told: Comparison) -> list[Row]:
    """Each kind, today's above the new."""
    sides = (("today", told.today.recall), ("new", told.new.recall))
    rows: list[tuple[Recall, str]] = [(each, name) for name, found in sides for each in found]
    rows.sort(key=lambda row: row[0].delay)
    return [
        (row.delay, name, str(row.late), str(row.told), share(row.recall)) for row, name in rows
    ]


def lone_rows(found: Sequence[Lone]) -> list[Row]:
    """The first of those that only one tells."""
    return [(moment(each.at), str(each.about)) for each in found[:SHOWN]]


def moved_rows(found: Sequence[Moved]) -> list[Row]:
    """The first of those told at another moment."""
    return [
        (moment(each.at), moment(each.new_at), f"{each.days:+.2f}", str(each.about))
        for each in found[:SHOWN]
    ]


def difference_lists(found: Difference) -> list[tuple[str, Row, int, list[Row]]]:
    """What each list is, its head, how long it is, and its first rows."""
    return [
        ("appear", LONE_HEAD, len(found.appeared), lone_rows(found.appeared)),
        ("vanish", LONE_HEAD, len(found.vanished), lone_rows(found.vanished)),
        ("move", MOVED_HEAD, len(found.moved), moved_rows(found.moved)),
    ]


def subject_words(subject: Subject) -> str:
    """What was backtested, in a line."""
    refused = f", {subject.refused} rows refused" if subject.refused else ""
    span = f"{moment(subject.begin)} to {moment(subject.end)}"
    return f"{subject.file}: {subject.records:,} records{refused}, {span}, night {subject.night}."


def cautions(told: Comparison) -> list[str]:
    """What the figures cannot tell of this record."""
    hours = [side.volume.alerts_by_hour for side in (told.today, told.new)]
    if not any(map(sum, hours)):
        return [_NOTHING_TOLD]
    return [] if any(sum(count) > max(count) for count in hours) else [_BARE_DATES]


def difference_words(name: str, found: Difference) -> str:
    """The counts in a sentence."""
    lone = f"{len(found.appeared)} {name} appear, {len(found.vanished)} vanish"
    moved = f"{len(found.moved)} move"
    if found.moved_days_median is not None:
        moved += f" (median {found.moved_days_median:+.2f} days)"
    return f"{lone}, {moved}, {found.unchanged} stay as they are."


def _grade_order(row: Precision) -> tuple[int, str]:
    order = (None, "info", "warning", "critical")
    return order.index(row.severity), row.confidence or ""


def _by_kind(kinds: Sequence[KindVolume]) -> dict[str, KindVolume]:
    return {each.delay: each for each in kinds}


def _worst(volume: KindVolume) -> str:
    if volume.worst_day is None:
        return NOTHING
    return f"{volume.alerts_on_it} ({volume.worst_day.isoformat()})"
