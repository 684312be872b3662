"""What a subject's alerts tell the digest of their country, through Kafka and keyed by country."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from schemas.topics import BACKLOG
from schemas.vocabulary import DelayName
from services.alerts.core.alert import Alert
from services.runtime.processor import Record

COUNTRY = "country/"


class Step(Struct, frozen=True):
    """One delay more, or one less, in a country's backlog."""

    delay: DelayName
    by: int


decode_step = msgspec.json.Decoder(Step).decode
"""JSON bytes to a Step; msgspec.ValidationError (a ValueError) when it is none."""


def steps(before: Alert | None, after: Alert) -> Iterator[Record]:
    """What a change of an alert means for the digests."""
    was, now = _counted(before), _counted(after)
    if was != now:
        yield from _step(was, -1)
        yield from _step(now, 1)


def _step(counted: tuple[bytes, DelayName] | None, by: int) -> Iterator[Record]:
    if counted is not None:
        yield Record(
            BACKLOG.full_name, counted[0], msgspec.json.encode(Step(delay=counted[1], by=by))
        )


def _counted(alert: Alert | None) -> tuple[bytes, DelayName] | None:
    if alert is None or not alert.open or not alert.delay.backlog or alert.delay.historic:
        return None
    return f"{COUNTRY}{alert.delay.country or 'unknown'}".encode(), alert.delay.delay
