"""The alerts that a person would have been told of, and when each was how grave."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.alerts.core.book import Book


class About(msgspec.Struct, frozen=True):
    """What an alert is about; the same under any rules."""

    delay: str
    kind: str
    subject_id: str
    milestone: str | None = None
    leg: int | None = None
    hold_id: str | None = None

    def __str__(self) -> str:
        place = [self.milestone, None if self.leg is None else f"leg {self.leg}", self.hold_id]
        words = (self.delay, f"{self.kind}/{self.subject_id}", *place)
        return " ".join(word for word in words if word is not None)


class Grade(NamedTuple):
    """From `at` on it was told as so grave."""

    at: datetime
    severity: str
    confidence: str | None


class Notice(NamedTuple):
    """One telling of an alert."""

    about: About
    episode: int
    grade: Grade


class Alert(NamedTuple):
    """One episode as it was told: each grade once, when it was first told with it."""

    about: About
    episode: int
    grades: tuple[Grade, ...]

    @property
    def at(self) -> datetime:
        """When a person first heard of it."""
        return self.grades[0].at

    @property
    def paged_at(self) -> datetime | None:
        """When it was first told as critical."""
        return next((grade.at for grade in self.grades if grade.severity == "critical"), None)


class ToldAlerts:
    """Collects what is told into alerts."""

    def __init__(self) -> None:
        self._grades: dict[tuple[About, int], list[Grade]] = {}

    def observe(self, processor: str, before: object, after: object) -> None:
        """Hear of a change in the alerts of a subject."""
        del processor
        if isinstance(after, Book):
            for notice in notices(before if isinstance(before, Book) else Book(), after):
                self._take(notice)

    def all(self) -> list[Alert]:
        """In the order in which they were first told."""
        told = (Alert(*key, tuple(grades)) for key, grades in self._grades.items())
        return sorted(told, key=_first_told)

    def _take(self, notice: Notice) -> None:
        grades = self._grades.setdefault((notice.about, notice.episode), [])
        if all(known[1:] != notice.grade[1:] for known in grades):
            grades.append(notice.grade)


def notices(before: Book, after: Book) -> Iterator[Notice]:
    """What was told between two states of a subject's alerts."""
    known = {alert.delay.delay_id: alert.told for alert in before.alerts}
    for alert in after.alerts:
        told, delay = alert.told, alert.delay
        if told is not None and told != known.get(delay.delay_id):
            place = (delay.milestone, delay.leg, delay.hold_id)
            about = About(delay.delay, delay.kind, delay.subject_id, *place)
            yield Notice(about, delay.episode, Grade(told.at, told.severity, delay.confidence))


def _first_told(alert: Alert) -> tuple[datetime, str, int]:
    return alert.at, str(alert.about), alert.episode
