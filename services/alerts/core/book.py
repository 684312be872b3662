"""All alerts of one subject, and how a delay record, a receipt or a moment changes them."""

from datetime import datetime

from msgspec import Struct

from services.alerts.core.alert import Alert
from services.alerts.core.outbox import Outbox, next_try_at
from services.alerts.core.policy import Policy


class Book(Struct, frozen=True):
    """What is remembered of a subject; `last_seq` outlives its alerts: a repeat stays a repeat."""

    last_seq: int = 0
    alerts: tuple[Alert, ...] = ()
    outbox: Outbox = ()


def deadline(book: Book, policy: Policy) -> datetime | None:
    """When to look at the subject again: to tell, to try again, or to forget."""
    tell = (a.tell_at for a in book.alerts if a.tell_at is not None)
    forget = (
        a.resolved_at + policy.shown_resolved for a in book.alerts if a.resolved_at is not None
    )
    retry = next_try_at(book.outbox)
    return min((*tell, *forget, *((retry,) if retry else ())), default=None)
