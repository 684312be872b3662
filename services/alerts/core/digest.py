"""One digest a country for its backlog, and one for a storm: what is not told one by one."""

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import NAMESPACE_DNS, uuid5

import msgspec
from msgspec import Struct, field

from schemas.times import wire
from schemas.vocabulary import SEVERITIES, DelayName, Severity
from services.alerts.core.backlog import COUNTRY
from services.alerts.core.delay import Audience
from services.alerts.core.outbox import Outbox
from services.alerts.core.routing import Matter
from services.alerts.core.storm import STORM, Weather

_CHASQUI = uuid5(NAMESPACE_DNS, "chasqui")
KEYS = (COUNTRY.encode(), STORM.encode())
"""Beginnings of the keys of digests; all other keys are subjects."""


class Digest(Struct, frozen=True):
    """What it stands for by delay, and what was told of it."""

    counts: dict[DelayName, int] = {}
    opened_at: datetime | None = None
    seq: int = 0
    """Of the messages."""
    told: int = 0
    """How many delays the last message spoke of; 0 when none stands."""
    told_at: datetime | None = None
    tell_at: datetime | None = None
    outbox: Outbox = ()
    grades: dict[Severity, int] = {}
    """Of a storm: how many are how grave."""
    told_severity: Severity = "info"
    sinks: tuple[str, ...] = ()
    """Edge sinks that heard of it: they hear how it goes on."""
    weather: Weather = field(default_factory=Weather)

    @property
    def total(self) -> int:
        """Delays it stands for."""
        return sum(self.counts.values())

    @property
    def severity(self) -> Severity:
        """As grave as the gravest it stands for; a backlog, and nothing, is info."""
        return max(self.grades, key=SEVERITIES.index, default="info")


class About(NamedTuple):
    """What a digest is about."""

    what: Literal["backlog", "storm"]
    country: str

    @property
    def id(self) -> str:
        """The digest's identity, made like a delay's."""
        return str(uuid5(_CHASQUI, msgspec.json.encode(list(self)).decode()))

    def matter(self, severity: Severity) -> Matter:
        """What routes look at."""
        return Matter(severity, Audience.ON_CALL, self.country)


def about_of(key: bytes) -> About:
    """What the digest of a key is about."""
    what, _, country = key.decode().partition("/")
    return About("storm" if what == "storm" else "backlog", country)


def sentence(digest: Digest, about: About) -> str:
    """What a person reads."""
    country, storm = about.country, about.what == "storm"
    if digest.total == 0:
        over = f"The storm of {country} is over: nothing of it is open that was not told"
        return f"{over}." if storm else f"The backlog of {country} is worked off."
    parts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in digest.counts.items())
    if not storm:
        return f"Backlog of {country}, long late when first reported, nobody was paged: {parts}."
    grave = digest.grades.get("critical", 0)
    told = f"{digest.total} new alerts, {grave} of them critical, are not told one by one"
    return f"Storm of alerts in {country}: {told}: {parts}."


def fields(digest: Digest, about: About, now: datetime) -> dict[str, object]:
    """The digest as sinks see it."""
    open_ = digest.total > 0
    return {
        "alert_id": about.id,
        "seq": digest.seq,
        "delay": about.what,
        "severity": digest.told_severity,
        "country": about.country,
        "sentence": sentence(digest, about),
        "delays": digest.counts,
        "status": "open" if open_ else "resolved",
        "opened_at": digest.opened_at and wire(digest.opened_at),
        "resolved_at": None if open_ else wire(now),
    }
