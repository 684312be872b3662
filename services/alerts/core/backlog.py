"""What a subject's alerts tell the digests of their country, through Kafka and keyed by country."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from schemas.topics import BACKLOG
from schemas.vocabulary import DelayName, Severity
from services.alerts.core.alert import Alert
from services.alerts.core.storm import STORM, Counted, storm_of
from services.runtime.processor import Record

COUNTRY = "country/"


class Step(Struct, frozen=True):
    """One delay more, or one less, in a country's backlog."""

    delay: DelayName
    by: Literal[1, -1]


decode_step = msgspec.json.Decoder(Step).decode
"""JSON bytes to a Step; msgspec.ValidationError (a ValueError) when it is none."""


class _Place(NamedTuple):
    """Where and as what an alert is counted."""

    key: str
    delay: DelayName
    severity: Severity | None = None


def steps(before: Alert | None, after: Alert) -> Iterator[Record]:
    """What a change of an alert means for the digests."""
    was, now = _counted(before), _counted(after)
    if was != now:
        # What joins first: a digest that is empty for a moment says that all is over.
        yield from _step(now, 1)
        yield from _step(was, -1)


def _step(place: _Place | None, by: Literal[1, -1]) -> Iterator[Record]:
    if place is None:
        return
    step: Step | Counted = Step(delay=place.delay, by=by)
    if place.severity is not None:
        step = Counted(delay=place.delay, severity=place.severity, by=by)
    yield Record(BACKLOG.full_name, place.key.encode(), msgspec.json.encode(step))


def _counted(alert: Alert | None) -> _Place | None:
    if alert is None or not alert.open or alert.delay.historic:
        return None
    delay = alert.delay
    if delay.backlog:
        return _Place(f"{COUNTRY}{delay.country or 'unknown'}", delay.delay)
    storm = storm_of(alert.inhibited_by)
    return None if storm is None else _Place(f"{STORM}{storm}", delay.delay, delay.severity)
