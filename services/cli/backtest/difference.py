"""Which alerts only one set of rules tells, and which it tells at another moment."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import zip_longest
from statistics import median
from typing import NamedTuple

import msgspec

from services.cli.backtest.alerts import About

_DAY = timedelta(days=1)


class Sighting(NamedTuple):
    """Something was told, or paged, of this at that moment."""

    about: About
    at: datetime


class Lone(msgspec.Struct, frozen=True):
    """Told by one set of rules only."""

    about: About
    at: datetime


class Moved(msgspec.Struct, frozen=True):
    """Told by both, at different moments; `days` above 0: later by the new rules."""

    about: About
    at: datetime
    new_at: datetime
    days: float


class Difference(msgspec.Struct, frozen=True):
    """Of the same journal, from today's rules to the new ones."""

    unchanged: int
    appeared: list[Lone]
    vanished: list[Lone]
    moved: list[Moved]
    moved_days_median: float | None


def difference(today: Iterable[Sighting], new: Iterable[Sighting]) -> Difference:
    """Match what is about the same: the first with the first, the second with the second."""
    ours, theirs = _moments(today), _moments(new)
    appeared, vanished, moved, unchanged = [], [], [], 0
    for about in sorted({*ours, *theirs}, key=str):
        for at, new_at in zip_longest(ours[about], theirs[about]):
            if at is None:
                appeared.append(Lone(about, new_at))
            elif new_at is None:
                vanished.append(Lone(about, at))
            elif at != new_at:
                moved.append(Moved(about, at, new_at, (new_at - at) / _DAY))
            else:
                unchanged += 1
    for found in (appeared, vanished, moved):
        found.sort(key=lambda each: each.at)
    middle = median(each.days for each in moved) if moved else None
    return Difference(unchanged, appeared, vanished, moved, middle)


def _moments(sightings: Iterable[Sighting]) -> dict[About, list[datetime]]:
    found: dict[About, list[datetime]] = defaultdict(list)
    for about, at in sorted(sightings, key=lambda each: each.at):
        found[about].append(at)
    return found
