"""What the tracker itself puts in quarantine: a copy of an event that does not count as it is."""

from datetime import datetime
from typing import NamedTuple

from schemas.times import wire
from schemas.topics import QUARANTINE, QUARANTINED_BYTES
from schemas.vocabulary import RefusalReason
from services.runtime.processor import Record
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.merge import Fate


class Why(NamedTuple):
    """Why an event is put in quarantine by the tracker."""

    reason: RefusalReason
    field: str
    detail: str


_QUARANTINED = {
    Fate.CONFLICT: Why(
        RefusalReason.CONFLICT,
        "revised_at",
        "the same identity and revised_at with other content",
    ),
    Fate.TOO_MANY: Why(
        RefusalReason.TOO_MANY_EVENTS,
        "subject_id",
        f"the subject has {DEFAULT_LIMITS.most_words} events that all count, or very large ones",
    ),
}


def set_aside(record: Record, publisher: str, fate: Fate, now: datetime) -> list[Record]:
    """The copy that such a fate asks for, so that a data steward can look at it; else nothing."""
    why = _QUARANTINED.get(fate)
    if why is None:
        return []
    return [_copy(record, record.value or b"", publisher, why, now)]


def _copy(record: Record, value: bytes, publisher: str, why: Why, now: datetime) -> Record:
    origin = f"kafka:{record.topic}/{record.partition}/{record.offset}"
    headers = {
        "reason": why.reason,
        "field": why.field,
        "detail": why.detail,
        "origin": origin,
        "row": "",
        "received_at": wire(now),
    }
    encoded = tuple((name, value.encode()) for name, value in headers.items())
    return Record(QUARANTINE.full_name, publisher.encode(), value[:QUARANTINED_BYTES], encoded)
