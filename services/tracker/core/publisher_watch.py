"""When a publisher is silent: asked of every partition before it is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.activity import Activity
from services.tracker.core.learning import NO_SILENCES
from services.tracker.core.learnt import Group, Silence
from services.tracker.core.limits import HOUR, Limits
from services.tracker.core.publisher import Asked, Publisher, heard, taught

_ASKED_AGAIN_AFTER = HOUR


class Turn(NamedTuple):
    """A publisher after an activity or a look, and what is to be told of it."""

    publisher: Publisher
    shows: bool = False
    """Its scorecard."""
    tells: bool = False
    """What is learnt of it, to every partition."""
    asks: bool = False
    """The same, and each is to answer when it has read so far."""


def take(publisher: Publisher, activity: Activity, limits: Limits, now: datetime) -> Turn:
    """Hear an activity, or an answer to what was asked."""
    if activity.answers is not None:
        return _answered(publisher, activity, limits)
    if activity.delivery is not None:
        after = taught(publisher, activity.delivery, activity.at)
        return Turn(msgspec.structs.replace(after, look_at=_by_the_hour(publisher, now)))
    look_at = _by_the_hour(publisher, now)
    after = msgspec.structs.replace(heard(publisher, activity), look_at=look_at, asked=None)
    if after.silence is not None and (activity.fate is not None or after.moving <= 0):
        return Turn(msgspec.structs.replace(after, silence=None), shows=True, tells=True)
    return Turn(after)


def look(publisher: Publisher, limits: Limits, partitions: Iterable[int], now: datetime) -> Turn:
    """Tell what has changed, and ask whether it is silent if that is due."""
    shows, groups = publisher.changed, publisher.groups
    if shows:
        groups = publisher.learnt_groups()
    tells = _lags(groups) != _lags(publisher.groups)
    groups = groups if tells else publisher.groups
    tells = tells or publisher.ended != NO_SILENCES
    silent_at, asked = silent_since(publisher, limits), publisher.asked
    if asked is not None and now < asked.at + _ASKED_AGAIN_AFTER:
        silent_at = asked.at + _ASKED_AGAIN_AFTER
    asks = silent_at is not None and silent_at <= now
    if asks:
        asked = Asked(now, tuple(partitions))
        silent_at = now + _ASKED_AGAIN_AFTER
    after = msgspec.structs.replace(
        publisher, changed=False, groups=groups, asked=asked, look_at=silent_at
    )
    return Turn(after, shows, tells or asks, asks)


def _lags(groups: Iterable[Group]) -> list[tuple[object, ...]]:
    """What counts of them: that a lag rests on more reports is no news."""
    return [(each.kind, each.mode, each.lag) for each in groups]


def silent_since(publisher: Publisher, limits: Limits) -> datetime | None:
    """When it is silent if nothing comes: by itself, and all its subjects."""
    interval = publisher.interval
    if publisher.moving <= 0 or publisher.silence is not None or interval is None:
        return None
    last = max(publisher.heard_at, publisher.contact_at or publisher.heard_at)
    return last + max(limits.publisher_silent, limits.publisher_silent_times * interval)


def next_hour(now: datetime) -> datetime:
    """The next full hour: the publishers of a partition are looked at together."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def _by_the_hour(publisher: Publisher, now: datetime) -> datetime:
    """The next full hour, or when it is to be looked at before."""
    hour = next_hour(now)
    return hour if publisher.look_at is None else min(hour, publisher.look_at)


def _answered(publisher: Publisher, answer: Activity, limits: Limits) -> Turn:
    asked, since = publisher.asked, silent_since(publisher, limits)
    if asked is None or answer.answers is None or answer.answers < asked.at:
        return Turn(publisher)
    waiting = tuple(number for number in asked.waiting if number != answer.partition)
    if waiting or since is None or publisher.interval is None:
        asked = msgspec.structs.replace(asked, waiting=waiting)
        return Turn(msgspec.structs.replace(publisher, asked=asked))
    silence = Silence(
        since, publisher.heard_at, since - publisher.heard_at, publisher.interval, publisher.moving
    )
    after = msgspec.structs.replace(publisher, silence=silence, asked=None, look_at=None)
    return Turn(after, shows=True, tells=True)
