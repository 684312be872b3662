"""What past silences tell of one that lasts: how often the goods were truly late.

A silence is a due delivery whose report has not come. When the report comes, an episode is learnt:
how long the silence was, and whether the goods or only the paper was late. An episode is in the
groups of its publisher in that country, of its publisher, and of everyone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from services.tracker.core.limits import DAY


class Ended(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A delivery that became known at `known_at`, and when it was made, as far as is known now.

    None: it was reported, but that did not stand. From `late_at` on it was truly late.
    """

    subject: str
    due_at: datetime
    known_at: datetime
    delivered_at: datetime | None = None
    country: str = ""
    late_at: datetime | None = None


class Episode(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A silence that a report ended; of one subject the last in this order counts.

    `recorded_at` is when that was known, or known better; `country` is empty where it is not.
    """

    recorded_at: datetime
    subject: str
    silence: timedelta
    late: bool
    country: str = ""


class Silences(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The latest episodes of one group, the oldest first."""

    episodes: tuple[Episode, ...] = ()

    @property
    def ended_at(self) -> datetime:
        """When the last one was known; there is one."""
        return self.episodes[-1].recorded_at


class Belief(msgspec.Struct, frozen=True, gc=False):
    """What it takes to believe that a silence means lateness."""

    counted: int = 64
    """The latest episodes of a group that were known at a moment."""
    kept: int = 128
    """Episodes of a group: more than are counted, so that a moment that has passed can be told."""
    window: timedelta = 120 * DAY
    """Older episodes of a publisher no longer tell of it; everyone's never expire."""
    least: int = 3
    """Fewer silences that lasted as long tell nothing: a wider group is asked."""
    least_of_all: int = 10
    """With fewer silences of whatever length known, everyone tells nothing either."""
    share: Fraction = Fraction(2, 3)
    """Of them so many were truly late."""
    within: timedelta = 14 * DAY
    """A silence that was not believed by then is not believed for its length alone. Where nothing
    is learnt of silences as long, it is believed then."""


class Odds(NamedTuple):
    """Of so many silences that lasted as long, so many were truly late, in that group.

    `group` counts from the widest, 0; None where nothing is learnt.
    """

    late: int = 0
    silent: int = 0
    group: int | None = None


class Believed(NamedTuple):
    """From when on a silence is believed, and why."""

    at: datetime
    odds: Odds


DEFAULT_BELIEF = Belief()
NO_SILENCES = Silences()


class Past(msgspec.Struct, frozen=True, array_like=True):
    """The silences that ended, of everyone and by publisher."""

    everyone: Silences = NO_SILENCES
    publishers: dict[str, Silences] = {}

    def with_ended(self, publisher: str, episodes: Iterable[Episode]) -> "Past":
        """The same, with silences of that publisher."""
        new = tuple(episodes)
        own = learn(self.publishers.get(publisher, NO_SILENCES), new)
        publishers = {**self.publishers, publisher: own}
        if len(publishers) > MOST_PUBLISHERS:
            del publishers[min(publishers, key=lambda code: (publishers[code].ended_at, code))]
        return Past(learn(self.everyone, new), publishers)

    def groups(self, publisher: str | None, country: str | None) -> list[Silences]:
        """Those that may tell of a delivery, from the widest group to the narrowest."""
        own = self.publishers.get(publisher or "")
        if own is None:
            return [self.everyone]
        there = tuple(each for each in own.episodes if each.country == (country or ""))
        return [self.everyone, own, Silences(there)]


NOTHING_PAST: Final = Past()
MOST_PUBLISHERS: Final = 128
"""Beyond it those of the one whose last silence ended longest ago are forgotten."""


def episode_of(ended: Ended, told_at: datetime) -> Episode | None:
    """What it teaches from that moment on; None where the report came by the due moment."""
    silence = ended.known_at - ended.due_at
    if silence <= timedelta(0):
        return None
    return Episode(told_at, ended.subject, silence, _was_late(ended), ended.country)


def _was_late(ended: Ended) -> bool:
    at = ended.delivered_at
    return at is None or (at > ended.due_at and at >= (ended.late_at or at))


def learn(
    silences: Silences, episodes: Iterable[Episode], kept: int = DEFAULT_BELIEF.kept
) -> Silences:
    """The latest `kept` episodes, one a subject, in whichever order they are learnt."""
    latest = {each.subject: each for each in silences.episodes}
    for episode in episodes:
        latest[episode.subject] = max(latest.get(episode.subject, episode), episode)
    return Silences(tuple(sorted(latest.values())[-kept:]))


def believed_at(
    due: datetime, groups: Sequence[Silences], belief: Belief = DEFAULT_BELIEF
) -> Believed | None:
    """The first moment from `due` on at which a silence since then is believed.

    The groups are given from the widest to the narrowest. If nothing more is learnt: but what is
    learnt later does not move a moment that has passed. Each is judged by what was recorded by
    then, as long as that is kept.
    """
    end, told = due + belief.within, Odds()
    least, most = belief.share.as_integer_ratio()
    enough = _enough_from(groups[0], belief)
    changes = [_Change(enough, 0, 0, 0)] if enough is not None and due < enough <= end else []
    for number, silences in enumerate(groups):
        changes += _changes(silences, number, due, belief)
    silent, late = [0] * len(groups), [0] * len(groups)
    for at, there in groupby(sorted(changes), key=attrgetter("at")):
        if at > end:
            break
        for change in there:
            silent[change.group] += change.silent
            late[change.group] += change.late
        told = _odds(silent, late, belief, everyone=enough is not None and enough <= at)
        if told.silent and told.late * most >= told.silent * least:
            return Believed(at, told)
    return None if told.silent else Believed(end, Odds())


class _Change(NamedTuple):
    """From then on so many more silences of a group count, and so many more late ones."""

    at: datetime
    group: int
    silent: int
    late: int


def _enough_from(everyone: Silences, belief: Belief) -> datetime | None:
    """When so many silences were known that everyone's tell something."""
    known = everyone.episodes[belief.least_of_all - 1 : belief.least_of_all]
    return known[0].recorded_at if known else None


def _changes(silences: Silences, group: int, due: datetime, belief: Belief) -> Iterator[_Change]:
    """Which silences of a group count when, from `due` on.

    One counts from when it was recorded until the present one lasts as long; until so many later
    ones were recorded; and, but for everyone's, until it is too old.
    """
    episodes = silences.episodes
    for place, each in enumerate(episodes, start=belief.counted):
        begin, until = max(due, each.recorded_at), due + each.silence
        if place < len(episodes):
            until = min(until, episodes[place].recorded_at)
        if group:
            until = min(until, each.recorded_at + belief.window)
        if begin < until:
            yield _Change(begin, group, 1, each.late)
            yield _Change(until, group, -1, -each.late)


def _odds(silent: Sequence[int], late: Sequence[int], belief: Belief, *, everyone: bool) -> Odds:
    """Those of the narrowest group that can tell."""
    for group in range(len(silent) - 1, 0, -1):
        if silent[group] >= belief.least:
            return Odds(late[group], silent[group], group)
    return Odds(late[0], silent[0], 0) if everyone and silent[0] else Odds()
