"""A storm: where a country has many new alerts at once, one digest stands for them.

A subject asks its country before it tells a new alert; the country counts and answers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.times import parse, wire
from schemas.topics import BACKLOG
from schemas.vocabulary import DelayName, Severity
from services.alerts.core.alert import Alert, Clearance
from services.alerts.core.delay import Audience
from services.alerts.core.policy import Policy, StormLimits
from services.runtime.processor import Record

STORM: Final = "storm/"
_SPEAKER: Final = "storm:"
_MINUTE: Final = timedelta(minutes=1)


class Counted(Struct, frozen=True, tag="counted"):
    """One delay more, or one less, that the digest stands for."""

    delay: DelayName
    severity: Severity
    by: Literal[1, -1]


class Asked(Struct, frozen=True, tag="asked"):
    """Whether this new alert may be told by itself."""

    delay_id: str
    subject: str
    """`kind/subject_id`: where the answer goes."""
    again: bool
    """It was held back before: it is not new and not counted."""


class Answered(Struct, frozen=True, tag="answered"):
    """Tell it, or hold it back until then."""

    delay_id: str
    country: str
    until: str | None


class Weather(Struct, frozen=True):
    """How many new alerts a country had lately, and until when that is a storm."""

    asked: tuple[datetime, ...] = ()
    storm_until: datetime | None = None


decode_word = msgspec.json.Decoder(Counted | Asked).decode
"""JSON bytes to what a subject says; msgspec.ValidationError (a ValueError) when it is none."""
decode_answer = msgspec.json.Decoder(Answered).decode
"""JSON bytes to what a country answers; msgspec.ValidationError when it is none."""


def speaker_of(alert: Alert, now: datetime, policy: Policy) -> str | None:
    """The storm that speaks for the alert; what is critical speaks for itself after the storm."""
    held = _unsettled(alert, policy)
    if held is None or held.storm is None:
        return None
    return None if _is_over(alert, now) else f"{_SPEAKER}{held.storm}"


def storm_of(inhibited_by: str | None) -> str | None:
    """The country of the storm that holds an alert back."""
    if inhibited_by is None or not inhibited_by.startswith(_SPEAKER):
        return None
    return inhibited_by.removeprefix(_SPEAKER)


def heard(alert: Alert, answer: Answered, policy: Policy) -> Alert:
    """The alert after its country answered."""
    held = _unsettled(alert, policy)
    if policy.storm is None or held is None:
        return alert
    cleared = replace(held, asking=False, storm=None, held_until=None)
    if answer.until is not None:
        # By the clock of another instance: one that is behind must not be asked without end.
        until = max(parse(answer.until), held.asked_at + policy.storm.answered_within)
        cleared = replace(cleared, storm=answer.country, held_until=until)
    return replace(alert, clearance=cleared)


def ask(alert: Alert, now: datetime, policy: Policy) -> tuple[Alert, Sequence[Record]]:
    """Ask the country before it is told for the first time, and whom to ask."""
    to_be_asked = policy.storm is not None and alert.told is None and alert.clearance is None
    if not to_be_asked or alert.delay.audience != Audience.ON_CALL:
        return alert, ()
    return replace(alert, clearance=Clearance(asked_at=now)), (_question(alert, again=False),)


def ask_again(alert: Alert, now: datetime, policy: Policy) -> tuple[Alert, Sequence[Record]]:
    """Ask again for what is critical when its storm should be over; no answer lets it be told."""
    held = _unsettled(alert, policy)
    if policy.storm is None or held is None or held.storm is None or not _is_over(alert, now):
        return alert, ()
    if held.asking:
        return replace(alert, clearance=replace(held, asking=False, storm=None)), ()
    patience = now + policy.storm.answered_within
    asking = replace(held, asked_at=now, asking=True, held_until=patience)
    return replace(alert, clearance=asking), (_question(alert, again=True),)


def answered_by(alert: Alert, policy: Policy) -> datetime | None:
    """Until when an answer is waited for."""
    held = _unsettled(alert, policy)
    if policy.storm is None or held is None or not held.asking:
        return None
    return held.asked_at + policy.storm.answered_within


def look_at(alert: Alert, policy: Policy) -> datetime | None:
    """When to ask again, of what is critical."""
    held = _unsettled(alert, policy)
    if held is None or held.storm is None:
        return None
    return held.held_until if alert.delay.severity == "critical" else None


def _unsettled(alert: Alert, policy: Policy) -> Clearance | None:
    """What its country said, while that still decides whether it is told."""
    return alert.clearance if policy.storm is not None and alert.told is None else None


def _is_over(alert: Alert, now: datetime) -> bool:
    held = alert.clearance
    past = held is not None and held.held_until is not None and held.held_until <= now
    return past and alert.delay.severity == "critical"


def weigh(weather: Weather, asked: Asked, now: datetime, limits: StormLimits | None) -> Weather:
    """The weather after one more new alert."""
    if limits is None:
        return Weather()
    if asked.again:
        return weather
    lately = (*weather.asked, now)[-(limits.alerts_a_minute + 1) :]
    too_many = len(lately) > limits.alerts_a_minute and now - lately[0] <= _MINUTE
    until = now + limits.lasts if too_many else weather.storm_until
    return Weather(asked=lately, storm_until=until)


def answer_of(weather: Weather, asked: Asked, country: str, now: datetime) -> Record:
    """What a subject is answered."""
    until = weather.storm_until
    until = until if until is not None and now < until else None
    said = Answered(asked.delay_id, country, None if until is None else wire(until))
    return Record(BACKLOG.full_name, asked.subject.encode(), msgspec.json.encode(said))


def _question(alert: Alert, *, again: bool) -> Record:
    delay = alert.delay
    said = Asked(delay.delay_id, f"{delay.kind}/{delay.subject_id}", again)
    key = f"{STORM}{delay.country or 'unknown'}".encode()
    return Record(BACKLOG.full_name, key, msgspec.json.encode(said))
