"""Rules that say how surely a silence means lateness; each knows what was recorded before."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from services.tracker.core.learning import (
    DEFAULT_BELIEF,
    Ended,
    Odds,
    Silences,
    believed_at,
    episode_of,
    learn,
)
from tests.benchmarks.learnt_record import Look, Note
from tests.support.odds import odds

_FROM_THE_FIRST = msgspec.structs.replace(DEFAULT_BELIEF, least_of_all=1)
_ANY = msgspec.structs.replace(_FROM_THE_FIRST, least=1)
Group = Callable[[Note], Hashable]


def everyone(note: Note) -> Hashable:
    return ""


def publisher(note: Note) -> Hashable:
    return note.publisher


def publisher_country(note: Note) -> Hashable:
    return (note.publisher, note.country)


def publisher_mode(note: Note) -> Hashable:
    return (note.publisher, note.mode)


def country(note: Note) -> Hashable:
    return note.country


class Rule(Protocol):
    """Learns of each note when it is recorded; a silence is believed from some sureness on."""

    def learn(self, note: Note) -> None: ...

    def sure(self, look: Look) -> float: ...


class DuePassed:
    """Every silence means lateness."""

    def learn(self, note: Note) -> None:
        pass

    def sure(self, look: Look) -> float:
        return 1.0


class LagQuantile:
    """The share of the latest reports of a group that would have come by now, were it delivered."""

    def __init__(self, group: Group, latest: int, unlearnt: timedelta, least: int = 5) -> None:
        self._group, self._unlearnt, self._least = group, unlearnt, least
        self._lags = defaultdict[Hashable, deque[timedelta]](lambda: deque(maxlen=latest))

    def learn(self, note: Note) -> None:
        self._lags[self._group(note)].append(note.lag)

    def sure(self, look: Look) -> float:
        lags, silence = self._lags[self._group(look.note)], look.at - look.note.due
        if len(lags) < self._least:
            return float(silence >= self._unlearnt)
        return sum(lag <= silence for lag in lags) / len(lags)


class _Silent:
    """Silences that ended, per group from the widest to the narrowest, as the core keeps them."""

    def __init__(self, *groups: Group) -> None:
        self._groups = groups
        self._silences = defaultdict[Hashable, Silences](Silences)

    def learn(self, note: Note) -> None:
        ended = Ended(note.name, note.due, note.recorded_at, note.delivered_at)
        episode = episode_of(ended, note.recorded_at)
        if episode is None:
            return
        for group in self._groups:
            key = (group, group(note))
            self._silences[key] = learn(self._silences[key], [episode])

    def of(self, note: Note) -> Sequence[Silences]:
        return [self._silences[group, group(note)] for group in self._groups]


class FallBack(_Silent):
    """The odds of the core: the narrowest group that can tell, from the first silence on."""

    def sure(self, look: Look) -> float:
        if look.at - look.note.due > DEFAULT_BELIEF.within:
            return 0.0
        told = odds(self.of(look.note), look.note.due, look.at, _FROM_THE_FIRST)
        return _share(told) if told.silent else 0.0


class Tracker(_Silent):
    """The moment at which the core believes, with its own constants."""

    def sure(self, look: Look) -> float:
        believed = believed_at(look.note.due, self.of(look.note))
        return float(believed is not None and believed.at <= look.at)


class Shrunken(_Silent):
    """Each group's odds, drawn to those of the next wider one as if by so many more silences."""

    weight = 3
    nothing_known = 0.5

    def sure(self, look: Look) -> float:
        if look.at - look.note.due > DEFAULT_BELIEF.within:
            return 0.0
        share = self.nothing_known
        for silences in self.of(look.note):
            told = odds([Silences(), silences], look.note.due, look.at, _ANY)
            share = (told.late + self.weight * share) / (told.silent + self.weight)
        return share


class LatestOnly:
    """Of a publisher's latest silences, however long ago, that lasted as long."""

    def __init__(self, group: Group, latest: int) -> None:
        self._group = group
        self._ended = defaultdict[Hashable, deque[Note]](lambda: deque(maxlen=latest))

    def learn(self, note: Note) -> None:
        if note.recorded_at > note.due:
            self._ended[self._group(note)].append(note)

    def sure(self, look: Look) -> float:
        silence = look.at - look.note.due
        if silence > DEFAULT_BELIEF.within:
            return 0.0
        lasting = [n for n in self._ended[self._group(look.note)] if n.silence > silence]
        return sum(n.late for n in lasting) / len(lasting) if lasting else 0.0


def _share(told: Odds) -> float:
    return told.late / told.silent
