"""How often alerts were right, how early, and how much of what was late they told."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

import msgspec

from services.cli.backtest.alerts import About, Alert, Grade
from services.cli.backtest.truth import JUDGED, Truths, Verdict

_DAY = timedelta(days=1)


class Precision(msgspec.Struct, frozen=True):
    """Of the alerts of one kind and grade: how many were right, and how long before the truth."""

    delay: str
    severity: str | None
    """None: however grave, at the moment each was first told."""
    confidence: str | None
    right: int
    wrong: int
    unknown: int
    precision: float | None
    earliness_days: float | None

    @property
    def grade(self) -> str:
        """As people say it."""
        return " ".join(word for word in (self.severity, self.confidence) if word) or "first told"


class Recall(msgspec.Struct, frozen=True):
    """Of the milestones that were truly late: how many an alert told of before they occurred."""

    delay: str
    late: int
    told: int
    recall: float | None


class Judged(NamedTuple):
    """An alert at the moment it got a grade."""

    verdict: Verdict
    earliness: timedelta | None


def precisions(alerts: Iterable[Alert], truths: Truths) -> list[Precision]:
    """For each kind all alerts as first told, then those of each grade."""
    judged = [alert for alert in alerts if alert.about.delay in JUDGED]
    rows = [_row(delay, None, judged, truths) for delay in JUDGED]
    grades = sorted({(a.about.delay, g[1:]) for a in judged for g in a.grades}, key=_order)
    rows += [_row(delay, grade, judged, truths) for delay, grade in grades]
    told = (row for row in rows if row.right + row.wrong + row.unknown)
    return sorted(told, key=lambda row: JUDGED.index(row.delay))


def recalls(alerts: Sequence[Alert], truths: Truths) -> list[Recall]:
    """For each kind of which something was late."""
    first: dict[About, datetime] = {}
    for alert in alerts:
        first[alert.about] = min(alert.at, first.get(alert.about, alert.at))
    return [row for delay in JUDGED if (row := _recall(delay, first, truths)).late]


def _order(each: tuple[str, tuple[str, str | None]]) -> tuple[str, bool, str]:
    """The graver ones last, as they come."""
    delay, (severity, confidence) = each
    return delay, severity == "critical", confidence or ""


def _row(
    delay: str, grade: tuple[str, str | None] | None, alerts: Iterable[Alert], truths: Truths
) -> Precision:
    found = [
        _judged(alert.about, at, truths)
        for alert in alerts
        if alert.about.delay == delay
        for at in _moments(alert.grades, grade)
    ]
    count = Counter(each.verdict for each in found)
    right, wrong = count["right"], count["wrong"]
    early = [each.earliness / _DAY for each in found if each.earliness is not None]
    share = right / (right + wrong) if right + wrong else None
    middle = median(early) if early else None
    severity, confidence = grade or (None, None)
    return Precision(delay, severity, confidence, right, wrong, count["unknown"], share, middle)


def _moments(grades: Sequence[Grade], grade: tuple[str, str | None] | None) -> Iterator[datetime]:
    if grade is None:
        yield grades[0].at
    else:
        yield from (each.at for each in grades if each[1:] == grade)


def _judged(about: About, at: datetime, truths: Truths) -> Judged:
    truth = truths.get(about)
    if truth is None:
        return Judged("unknown", None)
    verdict = truth.verdict(at)
    early = verdict == "right" and truth.occurred_at is not None
    return Judged(verdict, truth.occurred_at - at if early and truth.occurred_at else None)


def _recall(delay: str, first: dict[About, datetime], truths: Truths) -> Recall:
    late = {about: t.occurred_at for about, t in truths.items() if about.delay == delay and t.late}
    told = sum(
        occurred_at is not None and about in first and first[about] < occurred_at
        for about, occurred_at in late.items()
    )
    return Recall(delay, len(late), told, told / len(late) if late else None)
