"""How patient and how talkative alerts are; all durations are wall time."""

from dataclasses import dataclass
from datetime import timedelta

from services.alerts.core.delay import Audience


@dataclass(frozen=True)
class Route:
    """An edge sink and whom it reaches."""

    sink: str
    audiences: frozenset[Audience] = frozenset(Audience)


@dataclass(frozen=True)
class Policy:
    """The limits of an alert's life."""

    routes: tuple[Route, ...] = ()
    settle: timedelta = timedelta(seconds=1)
    """News waits so long for what may inhibit or end it: records of one moment come apart."""
    flap_guard: timedelta = timedelta(seconds=60)
    """What ends sooner after its raise, before it was first sent, is not sent."""
    shown_resolved: timedelta = timedelta(minutes=15)
    """A level sink goes on showing what is resolved so long."""
    retry_first: timedelta = timedelta(seconds=10)
    retry_most: timedelta = timedelta(hours=1)
    give_up: timedelta = timedelta(hours=24)
    """A message nobody took so long is parked."""
    digest_after: timedelta = timedelta(seconds=30)
    """A country's first digest gathers so long."""
    digest_every: timedelta = timedelta(hours=1)
    """A grown digest is told again no sooner."""
    speed: float | None = 1.0
    """Seconds of business time in one of wall time; None where the two have nothing in common."""
