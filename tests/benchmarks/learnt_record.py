"""A record of deliveries, as a rule sees it: notes that fall due, and reports of them."""

import csv
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

DAY = timedelta(days=1)
LONGEST = 60
"""Days of silence after which nothing is decided any more."""


class Note(NamedTuple):
    """One delivery note: due when its first line is, delivered and recorded with its last."""

    name: str
    publisher: str
    country: str
    mode: str
    due: datetime
    delivered_at: datetime
    recorded_at: datetime

    @property
    def late(self) -> bool:
        return self.delivered_at > self.due

    @property
    def lag(self) -> timedelta:
        return self.recorded_at - self.delivered_at

    @property
    def silence(self) -> timedelta:
        return self.recorded_at - self.due

    @property
    def in_first_half(self) -> bool:
        """Drawn by name, to see how much a figure owes to chance."""
        return zlib.crc32(self.name.encode()) % 2 == 0


class Look(NamedTuple):
    """A moment at which a note is due, and not recorded."""

    at: datetime
    age: int
    note: Note


def read(path: Path) -> list[Note]:
    """The notes of a record of order lines."""
    lines = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lines[row["delivery_note"]].append(row)
    return [_note(name, rows) for name, rows in lines.items()]


def _note(name: str, rows: Sequence[dict[str, str]]) -> Note:
    return Note(
        name,
        rows[0]["vendor"],
        rows[0]["country"],
        rows[0]["mode"],
        min(_day(row["scheduled_on"]) for row in rows),
        max(_day(row["delivered_on"]) for row in rows),
        max(_day(row["recorded_on"]) for row in rows),
    )


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text + "T00:00:00+00:00")


def looks(notes: Sequence[Note]) -> Iterator[Look]:
    """One a day of each silence, in the order of time; a silence ends when it is recorded."""
    every = (
        Look(note.due + age * DAY, age, note)
        for note in notes
        for age in range(LONGEST + 1)
        if note.due + age * DAY < note.recorded_at
    )
    yield from sorted(every, key=lambda look: (look.at, look.note.name))
