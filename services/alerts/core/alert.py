"""One alert: a delay that somebody may have to hear of."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from schemas.alerts import escalation_id
from schemas.vocabulary import SEVERITIES, AlertStatus, Severity
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


class Acknowledgement(Struct, frozen=True):
    """Somebody has taken it, until then."""

    by: str
    until: datetime
    severity: Severity
    """As grave as it was: what grows graver is acknowledged no more."""


class Escalation(Struct, frozen=True):
    """A step that was taken: an alert of its own about an alert nobody acknowledged."""

    severity: Severity
    step: int
    at: datetime
    sinks: tuple[str, ...]
    """Edge sinks that were told of it."""
    only: tuple[str, ...] | None
    """The sinks that its step names."""
    ended_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.ended_at is None


class Clearance(Struct, frozen=True):
    """Whether a storm lets a new alert be told by itself."""

    asked_at: datetime
    asking: bool = True
    storm: str | None = None
    """The country whose storm holds it back."""
    held_until: datetime | None = None
    """What is critical asks again then."""


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
    acknowledged: Acknowledgement | None = None
    waits_since: datetime | None = None
    """Since when people know of it, as grave as it is, and nobody acknowledged it."""
    listens_until: datetime | None = None
    """After an absence: whether somebody acted meanwhile may be heard until then."""
    escalations: tuple[Escalation, ...] = ()
    reminders: int = 0
    reminded_at: datetime | None = None
    clearance: Clearance | None = None
    sinks: tuple[str, ...] | None = None
    """Edge sinks that heard of it: they hear how it goes on. None: nobody has."""
    further: int = 0
    """Messages about it beside those of its delay's records."""
    commands: tuple[str, ...] = ()
    """Digests of the last words operators said of it: a repeat counts once."""

    @property
    def open(self) -> bool:
        """Whether what it is about still lasts."""
        return self.resolved_at is None

    @property
    def status(self) -> AlertStatus:
        """Its word in the contract."""
        if not self.open:
            return "resolved"
        return "open" if self.acknowledged is None else "acknowledged"

    @property
    def has_news(self) -> bool:
        """Whether it knows more than was told."""
        return self.told is None or self.told.seq < self.delay.seq

    @property
    def may_be_told(self) -> bool:
        """Whether anybody is to hear of it now; what was taken before it was told wakes nobody."""
        taken = self.told is None and self.acknowledged is not None
        return not self.delay.quiet and self.inhibited_by is None and not taken

    @property
    def waits(self) -> bool:
        """Whether people know how grave it is, it speaks for itself, and nobody has taken it."""
        if not self.open or self.told is None or self.acknowledged is not None:
            return False
        return self.may_be_told and self.delay.rank <= SEVERITIES.index(self.told.severity)

    @property
    def ids(self) -> tuple[str, ...]:
        """Its own id and those of its escalations."""
        return (self.delay.delay_id, *(self.id_of(each) for each in self.escalations))

    def id_of(self, escalation: Escalation) -> str:
        """The id of one of its escalations."""
        return escalation_id(self.delay.delay_id, escalation.severity, escalation.step)


def resolved(alert: Alert, delay: Delay, now: datetime) -> Alert:
    """The alert after its delay was cleared."""
    return replace(
        alert,
        delay=delay,
        resolved_at=alert.resolved_at or now,
        tell_at=None,
        waits_since=None,
        listens_until=None,
    )


def held_by(alert: Alert, inhibitor: str | None, now: datetime) -> Alert:
    """The alert under `inhibitor`, or released from the one it had."""
    if inhibitor == alert.inhibited_by:
        return alert
    released_at = now if inhibitor is None else alert.released_at
    return replace(alert, inhibited_by=inhibitor, released_at=released_at)


def waiting(alert: Alert, now: datetime) -> Alert:
    """The alert with the moment since which it waits to be acknowledged, if it does."""
    since = (alert.waits_since or now) if alert.waits else None
    return alert if since == alert.waits_since else replace(alert, waits_since=since)


def told_at(alert: Alert, now: datetime) -> Alert:
    """The alert after all it knows was told; what is graver than before waits anew."""
    delay, before = alert.delay, alert.told
    place = None if before is None else before.place
    place = place or (delay.agency, delay.country)
    told = Told(seq=delay.seq, severity=delay.severity, at=now, place=place)
    return waiting(replace(alert, told=told, tell_at=None, formers=_formers(alert, now)), now)


def _formers(alert: Alert, now: datetime) -> tuple[Former, ...]:
    if alert.told is None or alert.told.severity == alert.delay.severity:
        return alert.formers
    kept = tuple(f for f in alert.formers if f.severity != alert.delay.severity)
    return (*kept, Former(severity=alert.told.severity, until=now))
