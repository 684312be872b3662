"""All alerts of one subject, and how a delay record, a receipt or a moment changes them."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from services.alerts.core import pressing, storm
from services.alerts.core.alert import Alert
from services.alerts.core.outbox import Outbox, next_try_at
from services.alerts.core.policy import Policy
from services.alerts.core.review import telling_at
from services.alerts.core.routing import matter_of, next_turn_of


class Book(Struct, frozen=True):
    """What is remembered of a subject; `last_seq` outlives its alerts: a repeat stays a repeat."""

    last_seq: int = 0
    alerts: tuple[Alert, ...] = ()
    outbox: Outbox = ()


def deadline(book: Book, now: datetime, policy: Policy) -> datetime | None:
    """When to look at the subject again: to tell, to press, to try again, or to forget."""
    looks = [at for alert in book.alerts for at in _looks(alert, now, policy) if at is not None]
    retry = next_try_at(book.outbox)
    return min((*looks, *((retry,) if retry else ())), default=None)


def _looks(alert: Alert, now: datetime, policy: Policy) -> Iterator[datetime | None]:
    if alert.resolved_at is not None:
        yield alert.resolved_at + policy.shown_resolved
        return
    yield telling_at(alert, policy)
    yield pressing.look_at(alert, policy)
    yield storm.look_at(alert, policy)
    if not alert.delay.quiet:
        yield next_turn_of(matter_of(alert.delay), policy.windows, now)
        yield None if policy.look_again is None else now + policy.look_again
