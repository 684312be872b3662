"""One alert: a delay that somebody may have to hear of."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from schemas.vocabulary import AlertStatus, Severity
from services.alerts.core.delay import Delay


class Told(Struct, frozen=True):
    """What was last said of an alert."""

    seq: int
    severity: Severity
    at: datetime
    place: tuple[str | None, str | None] | None = None
    """Agency and country it was first told with: who shows it knows it by them."""


class Former(Struct, frozen=True):
    """A severity an alert was told with and no longer has."""

    severity: Severity
    until: datetime


class Alert(Struct, frozen=True):
    """An alert as it stands; its moments are wall time."""

    delay: Delay
    opened_at: datetime
    resolved_at: datetime | None = None
    inhibited_by: str | None = None
    released_at: datetime | None = None
    told: Told | None = None
    tell_at: datetime | None = None
    """When there is something untold to say."""
    formers: tuple[Former, ...] = ()

    @property
    def open(self) -> bool:
        """Whether what it is about still lasts."""
        return self.resolved_at is None

    @property
    def status(self) -> AlertStatus:
        """Its word in the contract."""
        return "open" if self.open else "resolved"

    @property
    def has_news(self) -> bool:
        """Whether it knows more than was told."""
        return self.told is None or self.told.seq < self.delay.seq

    @property
    def may_be_told(self) -> bool:
        """Whether anybody is to hear of it now."""
        return not self.delay.quiet and self.inhibited_by is None


def resolved(alert: Alert, delay: Delay, now: datetime) -> Alert:
    """The alert after its delay was cleared."""
    return replace(alert, delay=delay, resolved_at=alert.resolved_at or now, tell_at=None)


def held_by(alert: Alert, inhibitor: str | None, now: datetime) -> Alert:
    """The alert under `inhibitor`, or released from the one it had."""
    if inhibitor == alert.inhibited_by:
        return alert
    released_at = now if inhibitor is None else alert.released_at
    return replace(alert, inhibited_by=inhibitor, released_at=released_at)


def told_at(alert: Alert, now: datetime) -> Alert:
    """The alert after all it knows was told."""
    delay = alert.delay
    place = None if alert.told is None else alert.told.place
    place = place or (delay.agency, delay.country)
    told = Told(seq=delay.seq, severity=delay.severity, at=now, place=place)
    return replace(alert, told=told, tell_at=None, formers=_formers(alert, now))


def _formers(alert: Alert, now: datetime) -> tuple[Former, ...]:
    if alert.told is None or alert.told.severity == alert.delay.severity:
        return alert.formers
    kept = tuple(f for f in alert.formers if f.severity != alert.delay.severity)
    return (*kept, Former(severity=alert.told.severity, until=now))
