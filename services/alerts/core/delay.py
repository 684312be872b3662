"""What the tracker says of a lateness, as alerts reads it."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.json import Decoder

from schemas.vocabulary import SEVERITIES, Because, Confidence, DelayName, Severity

FOR_STEWARDS: frozenset[DelayName] = frozenset(
    {"contradiction", "conflict", "disputed", "unplanned"}
)
"""Delays that mend the data rather than the journey: they wake nobody on call."""


class Audience(StrEnum):
    """Who is to hear of an alert."""

    ON_CALL = "on_call"
    DATA_STEWARDS = "data_stewards"


class NextStep(Struct, frozen=True):
    """The moment a delay worsens, if nothing happens before."""

    at: str
    severity: Severity
    confidence: Confidence | None = None


class Experience(Struct, frozen=True):
    """Of so many silences as long as this one, so many were truly late."""

    times: int
    late: int
    publisher: str | None = None
    country: str | None = None


class Evidence(Struct, frozen=True):
    """Which rule spoke, by which limit, from which events, and what was learnt before."""

    rule: str | None = None
    rules_version: str | None = None
    threshold: str | None = None
    events: tuple[str, ...] = ()
    learnt: Experience | None = None


class Delay(Struct, frozen=True):
    """A record of the topic `delays`; its times stay the wire's own text."""

    type: Literal["delay_raised", "delay_changed", "delay_cleared"]
    delay_id: str
    seq: int
    delay: DelayName
    kind: str
    subject_id: str
    severity: Severity
    late_since: str
    raised_at: str
    sentence: str
    episode: int = 1
    milestone: str | None = None
    leg: int | None = None
    hold_id: str | None = None
    confidence: Confidence | None = None
    country: str | None = None
    agency: str | None = None
    commitment: str | None = None
    items: tuple[str, ...] = ()
    due_at: str | None = None
    eta_at: str | None = None
    next_step: NextStep | None = None
    evidence: Evidence | None = None
    cleared_at: str | None = None
    ended_at: str | None = None
    because: Because | None = None
    historic: bool = False
    backlog: bool = False

    @property
    def quiet(self) -> bool:
        """Whether nobody is told of it by itself."""
        return self.historic or self.backlog

    @property
    def audience(self) -> Audience:
        """Who is to hear of it."""
        return Audience.DATA_STEWARDS if self.delay in FOR_STEWARDS else Audience.ON_CALL

    @property
    def rank(self) -> int:
        """How severe it is, as a number."""
        return SEVERITIES.index(self.severity)


decode_delay = Decoder(Delay).decode
"""JSON bytes to a Delay; msgspec.ValidationError (a ValueError) when it is none."""
