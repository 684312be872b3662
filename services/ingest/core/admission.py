"""Admits an event to the journal or says why not; the same for HTTP, Kafka and replay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from schemas.canonical import journal_value
from schemas.events import Event
from schemas.faults import Refusal
from schemas.personal import personal_field
from schemas.refusals import RefusedEvent, event_of, read_json, refused
from schemas.times import wire
from schemas.unknown import unknown_fields
from schemas.vocabulary import OPERATORS_WORDS, RefusalReason
from services.ingest.core.stamp import Stamp
from services.runtime.keys.source import Scope, Source
from services.runtime.moments import to_ms

TOLERANCE: Final = timedelta(minutes=10)
"""How far ahead of ours a source's clock may be."""
_ID_SHOWN: Final = 128


class Admitted(NamedTuple):
    """An event as it goes into the journal, received at `at`."""

    event: Event
    key: bytes
    value: bytes
    at: datetime
    source: str
    unknown_fields: int

    @property
    def event_id(self) -> str:
        return self.event.event_id

    @property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        return _headers(self.at, self.source)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row is not admitted; its ids as far as they could be read."""

    reason: RefusalReason
    field: str | None
    detail: str
    event_id: str | None = None
    publisher: str | None = None
    received_at: datetime | None = None
    """As a backfill said it, when it may."""
    server_time: datetime | None = None
    """The time that a source's clock was ahead of."""
    subject_id: str | None = None


@lru_cache(maxsize=1000)
def _headers(at: datetime, source: str) -> tuple[tuple[str, bytes], ...]:
    # Rows of one batch are mostly received at one moment.
    return (("at", b"%d" % to_ms(at)), ("source", source.encode()))


def admit(row: bytes, source: Source, stamp: Stamp) -> Admitted | Refused:
    """The verdict on one row of a source. It never raises and keeps nothing."""
    raw: dict[str, object] = {}
    try:
        raw = _read_object(row)
        event = event_of(raw)
        unknown = unknown_fields(raw, event)
        if unknown:
            _demand_impersonal(raw)
    except RefusedEvent as error:
        return _refused(error, raw, None, None)
    received_at = _said_receipt(event, source, stamp)
    at = received_at or stamp.receipt(event)
    try:
        _demand_plausible(event, at)
        _demand_allowed(event, source, stamp)
    except RefusedEvent as error:
        return _refused(error, raw, received_at, stamp.moment() or at)
    return Admitted(
        event=event,
        key=f"{event.kind}/{event.subject_id}".encode(),
        value=journal_value(event, at),
        at=at,
        source=source.key_id,
        unknown_fields=len(unknown),
    )


def _read_object(row: bytes) -> dict[str, object]:
    raw = read_json(row)
    if not isinstance(raw, dict):
        raise refused(RefusalReason.WRONG_TYPE, None, "an event is a JSON object")
    return raw


def _demand_impersonal(raw: Mapping[str, object]) -> None:
    field = personal_field(raw)
    if field is not None:
        says = "a field of this name looks like a person's data: leave it out"
        raise refused(RefusalReason.PERSONAL_DATA, field, says)


def _said_receipt(event: Event, source: Source, stamp: Stamp) -> datetime | None:
    said = event.received_at
    if said is None or Scope.BACKFILL not in source.scopes or not stamp.allows(said):
        return None
    return said


def _demand_plausible(event: Event, at: datetime) -> None:
    latest = at + TOLERANCE
    if (
        event.classifier == "actual"
        and event.occurred_at is not None
        and event.occurred_at > latest
    ):
        raise _future(RefusalReason.FUTURE_ACTUAL, "occurred_at", event.occurred_at, at)
    for field, said in (("recorded_at", event.recorded_at), ("revised_at", event.revised_at)):
        if said > latest:
            raise _future(RefusalReason.FUTURE_RECORDED, field, said, at)


def _future(reason: RefusalReason, field: str, said: datetime, at: datetime) -> RefusedEvent:
    says = f"{wire(said)} is more than 10 minutes after its receipt at {wire(at)}"
    return refused(reason, field, says)


def _demand_allowed(event: Event, source: Source, stamp: Stamp) -> None:
    if not source.speaks_for(event.publisher):
        raise _not_allowed("publisher", f"{source.key_id} does not speak for {event.publisher}")
    if not source.may_say_kind(event.kind):
        raise _not_allowed("kind", f"{source.key_id} does not speak of a {event.kind}")
    if not source.may_say_type(event.type):
        raise _not_allowed("type", f"{source.key_id} does not say {event.type}")
    if event.type in OPERATORS_WORDS and Scope.OPERATOR not in source.scopes:
        raise _not_allowed("type", f"{event.type} is an operator's word")
    _demand_allowed_receipt(event, source, stamp)


def _demand_allowed_receipt(event: Event, source: Source, stamp: Stamp) -> None:
    if event.received_at is None:
        return
    if Scope.BACKFILL not in source.scopes:
        raise _not_allowed("received_at", "only a backfill says when an event was received")
    if not stamp.allows(event.received_at):
        raise _not_allowed("received_at", f"{wire(event.received_at)} has not come yet")


def _not_allowed(field: str, says: str) -> RefusedEvent:
    return refused(RefusalReason.NOT_ALLOWED, field, says)


_FUTURE: Final = frozenset({RefusalReason.FUTURE_ACTUAL, RefusalReason.FUTURE_RECORDED})


def _refused(
    error: RefusedEvent,
    raw: Mapping[str, object],
    received_at: datetime | None,
    now: datetime | None,
) -> Refused:
    refusal = _worst(error, raw)
    return Refused(
        reason=refusal.reason,
        field=refusal.field,
        detail=refusal.detail,
        event_id=_readable(raw, "event_id"),
        publisher=_readable(raw, "publisher"),
        received_at=received_at,
        server_time=now if refusal.reason in _FUTURE else None,
        subject_id=_readable(raw, "subject_id"),
    )


def _worst(error: RefusedEvent, raw: Mapping[str, object]) -> Refusal:
    """A person's data, which the quarantine must not keep, before whatever else is wrong."""
    try:
        _demand_impersonal(raw)
    except RefusedEvent as personal:
        return personal.refusal
    return error.refusal


def _readable(raw: Mapping[str, object], field: str) -> str | None:
    said = raw.get(field)
    if isinstance(said, str) and 0 < len(said) <= _ID_SHOWN and said.isprintable():
        return said
    return None
