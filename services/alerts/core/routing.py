"""Which alerts are meant by a route or a maintenance window, and who is to hear of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.alerts.core.delay import Audience, Delay


class Matter(NamedTuple):
    """What routes and windows look at; of a digest most is unknown."""

    severity: str
    audience: Audience
    country: str | None
    agency: str | None = None
    kind: str | None = None
    delay: str | None = None
    subject: str | None = None


def matter_of(delay: Delay) -> Matter:
    """What a delay is about."""
    subject = f"{delay.kind}/{delay.subject_id}"
    place = (delay.country, delay.agency, delay.kind, delay.delay, subject)
    return Matter(delay.severity, delay.audience, *place)


@dataclass(frozen=True)
class Match:
    """Which matters are meant; None of a field means any, an unknown one fits no list."""

    severities: frozenset[str] | None = None
    audiences: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    agencies: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    delays: frozenset[str] | None = None
    subjects: frozenset[str] | None = None

    def fits(self, matter: Matter) -> bool:
        """Whether it is meant."""
        pairs = (
            (self.severities, matter.severity),
            (self.audiences, matter.audience),
            (self.countries, matter.country),
            (self.agencies, matter.agency),
            (self.kinds, matter.kind),
            (self.delays, matter.delay),
            (self.subjects, matter.subject),
        )
        return all(some is None or value in some for some, value in pairs)


@dataclass(frozen=True)
class Choice:
    """What fits goes to these sinks."""

    match: Match
    sinks: frozenset[str]


@dataclass(frozen=True)
class Window:
    """A time in which what fits is not told."""

    name: str
    match: Match
    starts_at: datetime
    ends_at: datetime

    @property
    def speaker(self) -> str:
        """What an alert names as holding it back."""
        return f"maintenance:{self.name}"


def sinks_of(matter: Matter, choices: Iterable[Choice]) -> frozenset[str] | None:
    """The sinks of all choices that fit; None, every sink, where none fits."""
    fitting = [choice.sinks for choice in choices if choice.match.fits(matter)]
    return frozenset().union(*fitting) if fitting else None


def window_at(matter: Matter, windows: Iterable[Window], now: datetime) -> Window | None:
    """The window that holds the matter back, of several the one that ends last."""
    holding = (w for w in windows if w.starts_at <= now < w.ends_at and w.match.fits(matter))
    return max(holding, key=lambda window: (window.ends_at, window.name), default=None)


def next_turn_of(matter: Matter, windows: Iterable[Window], now: datetime) -> datetime | None:
    """The next moment at which a window of the matter starts or ends."""
    fitting = (w for w in windows if w.ends_at > now and w.match.fits(matter))
    moments = (at for w in fitting for at in (w.starts_at, w.ends_at) if at > now)
    return min(moments, default=None)
