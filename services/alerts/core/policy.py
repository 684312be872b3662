"""How patient and how talkative alerts are; all durations are wall time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from schemas.vocabulary import Severity
from services.alerts.core.delay import Audience
from services.alerts.core.routing import Choice, Matter, Window, sinks_of


@dataclass(frozen=True)
class Route:
    """An edge sink and whom it reaches."""

    sink: str
    audiences: frozenset[Audience] = frozenset(Audience)


@dataclass(frozen=True)
class Step:
    """An escalation of what nobody acknowledged so long; without sinks where the alert went."""

    severity: Severity
    number: int
    """From 1 within its severity."""
    after: timedelta
    sinks: frozenset[str] | None = None


@dataclass(frozen=True)
class StormLimits:
    """When one digest stands for many new alerts of a country."""

    alerts_a_minute: int
    """More new ones are a storm."""
    lasts: timedelta
    """It is over when there were no more than that for so long."""
    answered_within: timedelta = timedelta(seconds=15)
    """A country that does not say by then whether there is a storm is not waited for.

    Longer than a rebalance, or the first round after an outage: then most of a storm is new.
    """


@dataclass(frozen=True)
class Policy:
    """The limits of an alert's life."""

    routes: tuple[Route, ...] = ()
    """Every edge sink that is configured."""
    choices: tuple[Choice, ...] = ()
    """Which alerts go to which sinks."""
    windows: tuple[Window, ...] = ()
    """Of maintenance."""
    steps: tuple[Step, ...] = ()
    """Of escalation, in order."""
    remind_every: Mapping[Severity, timedelta] = field(default_factory=dict)
    acknowledged_for: timedelta = timedelta(hours=4)
    """An acknowledgement that does not say until when."""
    storm: StormLimits | None = None
    late: timedelta = timedelta(seconds=30)
    """What is done later than so was away: first it listens whether somebody acted meanwhile."""
    listen: timedelta = timedelta(seconds=10)
    look_again: timedelta | None = None
    """An open alert is looked at so often: a changed file reaches it by then."""
    settle: timedelta = timedelta(seconds=0.25)
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

    def hearers(self, matter: Matter, named: frozenset[str] | None = None) -> tuple[str, ...]:
        """The edge sinks that are to hear of it: those named, else those of the routes."""
        wanted = named if named is not None else sinks_of(matter, self.choices)
        return tuple(
            route.sink
            for route in self.routes
            if matter.audience in route.audiences and (wanted is None or route.sink in wanted)
        )
