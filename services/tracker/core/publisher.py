"""A publisher: how it reports, counted as it comes, in bounded windows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from math import ceil
from statistics import median_low

import msgspec

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.activity import Activity
from services.tracker.core.learning import NO_SILENCES, Ended, Silences, episode_of, learn
from services.tracker.core.learnt import Group, Silence
from services.tracker.core.limits import DEFAULT_LIMITS, HOUR
from services.tracker.core.merge import Fate

WINDOW = 128
"""Of each kind and mode the last so many lags, of all reports the last half as many intervals."""
LAGS_NEEDED = 20
"""Fewer say nothing of a group."""
INTERVALS_NEEDED = 8
ONE_SENDING = timedelta(minutes=1)
"""What comes closer together was sent at once: no interval."""
_DESK_WORK = OPERATORS_WORDS | {"registered", "committed"}
"""Nothing of it happens on the way, so its report is not late or early."""


class Counts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Sums over all reports: they depend on no order."""

    reports: int = 0
    actual: int = 0
    late: int = 0
    duplicates: int = 0
    stale: int = 0
    corrections: int = 0
    conflicts: int = 0
    future_stamps: int = 0


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A question whether all partitions have heard nothing, and those yet to answer."""

    at: datetime
    waiting: tuple[int, ...]


class Publisher(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of one publisher; stored as a plain array: a new field goes to the end."""

    code: str
    heard_at: datetime
    counts: Counts = Counts()
    lags: dict[str, tuple[int, ...]] = {}
    """Seconds from occurrence to journal of the last actual reports, by `kind/mode`."""
    intervals: tuple[int, ...] = ()
    """Seconds between the last sendings."""
    moving: int = 0
    """Subjects in transit by its word."""
    contact_at: datetime | None = None
    """When others last spoke of one of them."""
    changed: bool = False
    """Since it was last told."""
    groups: tuple[Group, ...] = ()
    """As they were last told."""
    silence: Silence | None = None
    asked: Asked | None = None
    look_at: datetime | None = None
    ended: Silences = NO_SILENCES
    """Silences about its deliveries that ended since it was last told."""

    @property
    def interval(self) -> timedelta | None:
        """The median time between sendings; None while there are too few."""
        if len(self.intervals) < INTERVALS_NEEDED:
            return None
        return timedelta(seconds=median_low(self.intervals))

    def learnt_groups(self) -> tuple[Group, ...]:
        """All groups that say enough, the widest first; in whole hours, so that few change."""
        parts = [(*named(name), sorted(lags)) for name, lags in sorted(self.lags.items())]
        return tuple(
            Group(kind, mode, len(lags), _whole_hours(quantile(lags, 90)))
            for kind, mode, lags in [(None, None, self.all_lags()), *parts]
            if len(lags) >= LAGS_NEEDED
        )

    def all_lags(self) -> list[int]:
        """Of all kinds and modes, the shortest first."""
        return sorted(chain.from_iterable(self.lags.values()))


def heard(publisher: Publisher, activity: Activity) -> Publisher:
    """The publisher after one activity; all but windows, `heard_at` and interval are sums."""
    if activity.fate is None:
        contact_at = max(publisher.contact_at or activity.at, activity.at)
        moving = publisher.moving + activity.moving
        return msgspec.structs.replace(
            publisher, contact_at=contact_at, moving=moving, changed=True
        )
    gap = activity.at - publisher.heard_at
    intervals = publisher.intervals
    if gap >= ONE_SENDING:
        intervals = (*intervals[1 - WINDOW // 2 :], int(gap.total_seconds()))
    return msgspec.structs.replace(
        publisher,
        heard_at=max(publisher.heard_at, activity.at),
        counts=_counted(publisher.counts, activity),
        lags=_lags(publisher.lags, activity),
        intervals=intervals,
        moving=publisher.moving + activity.moving,
        changed=True,
    )


def taught(publisher: Publisher, ended: Ended, at: datetime) -> Publisher:
    """The publisher with a silence that ended, to be told; that says nothing of how it reports."""
    episode = episode_of(ended, at)
    if episode is None:
        return publisher
    return msgspec.structs.replace(publisher, ended=learn(publisher.ended, [episode]))


def _counted(counts: Counts, said: Activity) -> Counts:
    lag = _lag(said)
    return Counts(
        counts.reports + 1,
        counts.actual + (lag is not None),
        counts.late + (lag is not None and lag > DEFAULT_LIMITS.grace),
        counts.duplicates + (said.fate == Fate.DUPLICATE),
        counts.stale + (said.fate == Fate.STALE),
        counts.corrections + said.correction,
        counts.conflicts + (said.fate == Fate.CONFLICT),
        counts.future_stamps + (lag is not None and lag < timedelta(0)),
    )


def _lags(lags: dict[str, tuple[int, ...]], said: Activity) -> dict[str, tuple[int, ...]]:
    """A first word of what happened; a position is sent by a machine and says nothing of paper."""
    lag = _lag(said)
    if lag is None or said.fate != Fate.APPLIED or said.correction:
        return lags
    name = f"{said.kind}/{said.mode or ''}"
    seconds = max(0, int(lag.total_seconds()))
    return {**lags, name: (*lags.get(name, ())[1 - WINDOW :], seconds)}


def _lag(said: Activity) -> timedelta | None:
    """From what happened on the way to its report."""
    if said.classifier != "actual" or said.occurred_at is None or said.type in _DESK_WORK:
        return None
    return said.at - said.occurred_at


def named(name: str) -> tuple[str, str | None]:
    """Kind and mode of a group of lags."""
    kind, _, mode = name.partition("/")
    return kind, mode or None


def quantile(ordered: Sequence[int], percent: int) -> timedelta:
    """The smallest of an ordered sample that so many percent do not exceed."""
    rank = ceil(len(ordered) * percent / 100)
    return timedelta(seconds=ordered[rank - 1])


def _whole_hours(span: timedelta) -> timedelta:
    return max(1, ceil(span / HOUR)) * HOUR
