"""What was learnt of publishers, and how it bears on the limits of a movement."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.learning import NOTHING_PAST, Belief, Believed, Past, believed_at
from services.tracker.core.limits import Limits
from services.tracker.core.rulebook import RuleBook


class Group(msgspec.Struct, frozen=True, gc=False):
    """How a publisher reports on movements of one kind and mode; both None: on all of them."""

    kind: str | None
    mode: str | None
    reports: int
    lag: timedelta


class Silence(msgspec.Struct, frozen=True, gc=False):
    """A publisher says nothing although `moving` subjects are in transit by its word."""

    since: datetime
    heard_at: datetime
    limit: timedelta
    interval: timedelta
    moving: int


class Learnt(msgspec.Struct, frozen=True):
    """What is known of one publisher."""

    heard_at: datetime
    groups: tuple[Group, ...] = ()
    silence: Silence | None = None
    silences: int = 0
    """How many were told so far, this one included."""
    raised_at: datetime | None = None
    """When the last one was told."""

    def group_of(self, kind: str, mode: str | None) -> Group | None:
        """The narrowest group that says enough."""
        named = {(each.kind, each.mode): each for each in self.groups}
        return named.get((kind, mode)) or named.get((None, None))


def publisher_of(facts: Facts) -> str | None:
    """Whose behaviour counts: who planned the delivery, else registered it, else spoke last."""
    plan = facts.handed_over.baseline
    if plan is not None:
        return plan.source.partition("/")[0]
    if facts.registered is not None:
        return facts.registered.publisher
    return facts.reports[-1].publisher if facts.reports else None


_Silent = tuple[str | None, str | None, datetime, timedelta]
"""Publisher, country, due, and within which time a silence is believed."""
_MOST_REMEMBERED: Final = 4096
NOTHING_LEARNT: Final[Mapping[str, Learnt]] = MappingProxyType({})


class Judge:
    """The rules in force, and what is learnt of publishers: by what a movement is judged."""

    def __init__(
        self,
        book: RuleBook,
        learnt: Mapping[str, Learnt] = NOTHING_LEARNT,
        past: Past = NOTHING_PAST,
    ) -> None:
        self.version = book.version
        self.default = book.default
        self._book = book
        self._learnt = learnt
        self._past = past
        self._known: dict[tuple[int, str, str, str | None], tuple[Limits, Limits]] = {}
        self._believed: dict[_Silent, Believed | None] = {}

    def limits_of(self, facts: Facts) -> Limits:
        """The limits of a movement, with what is learnt of its publisher."""
        limits = self._book.limits_of(facts)
        publisher = (publisher_of(facts) or "") if self._learnt else ""
        if publisher not in self._learnt:
            return limits
        place = (id(limits), publisher, facts.kind, facts.mode)
        known = self._known.get(place)
        if known is None or known[0] is not limits:
            known = (limits, _with(limits, self._learnt[publisher].group_of(*place[2:])))
            self._known[place] = known
        return known[1]

    def believed(
        self,
        publisher: str | None,
        country: str | None,
        due: datetime,
        within: timedelta,
    ) -> Believed | None:
        """From when on a silence since `due` is believed, by what is learnt."""
        place = (publisher, country, due, within)
        if place not in self._believed:
            if len(self._believed) >= _MOST_REMEMBERED:
                self._believed.clear()
            groups = self._past.groups(publisher, country)
            self._believed[place] = believed_at(due, groups, Belief(within=within))
        return self._believed[place]

    def silent(self, publisher: str | None) -> bool:
        """Whether it is told that the publisher is silent."""
        learnt = self._learnt.get(publisher or "")
        return learnt is not None and learnt.silence is not None


def _with(limits: Limits, group: Group | None) -> Limits:
    if group is None:
        return limits
    return dataclasses.replace(limits, lag_learnt=group.lag)
