"""Where a message goes that leaves the outbox, and how one comes back that no sink took."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from schemas.alerts import AuditEntry
from schemas.times import wire
from schemas.topics import DEAD_LETTERS
from schemas.vocabulary import AuditAction, ParkedBecause
from services.alerts.core.delay import Audience
from services.alerts.core.outbox import Outbox, Parked, Pending, Receipt
from services.alerts.core.words import audit_record
from services.runtime.processor import Record

_ENCODE = msgspec.json.Encoder().encode
_MOST_SEQ = 2**63 - 1
"""That a state can hold."""


class DeadLetter(Struct, frozen=True):
    """A message that is not tried any more; `message` has the bytes that the sink was sent."""

    call_id: str
    sink: str
    alert_id: str
    seq: int
    message: Raw
    reason: ParkedBecause
    attempts: int
    since: str
    at: str
    status: int | None = None
    detail: str | None = None


class Replay(Struct, frozen=True):
    """An operator's word to send one again."""

    call_id: str
    sink: str
    alert_id: str
    seq: Annotated[int, Meta(ge=0, le=_MOST_SEQ)]
    message: Raw
    by: str
    at: str


class _Message(Struct):
    """What every message to a sink has: one without it would be tried for a day in vain."""

    type: str
    timestamp: str
    audience: Audience
    data: dict[str, object]


decode_dead_letter = msgspec.json.Decoder(DeadLetter).decode
_decode_replay = msgspec.json.Decoder(Replay).decode
_decode_message = msgspec.json.Decoder(_Message).decode


def decode_replay(value: bytes) -> Replay:
    """JSON bytes to a Replay; msgspec.ValidationError (a ValueError) when it is none."""
    replay = _decode_replay(value)
    _decode_message(replay.message)
    return replay


def settled(message: Pending, receipt: Receipt, key: bytes, now: datetime) -> list[Record]:
    """What is written down of a message that a sink of the subject `key` took or refused."""
    if receipt.outcome == "ok":
        return [_audited(message, "sent", now, message.sink, receipt.detail)]
    last = msgspec.structs.replace(message, status=receipt.status, detail=receipt.detail)
    return [
        _audited(message, "parked", now, message.sink, receipt.detail),
        _dead(last, "refused", key, now),
    ]


def given_up(parked: Parked, key: bytes, now: datetime) -> list[Record]:
    """What is written down of a message that no sink took in time."""
    message, reason = parked
    says = f"not taken in {message.attempts} tries"
    if reason == "crowded_out":
        says += ", and newer messages of the subject needed the room"
    return [
        _audited(message, "parked", now, message.sink, says),
        _dead(message, reason, key, now),
    ]


def replayed(outbox: Outbox, replay: Replay, now: datetime) -> tuple[Outbox, list[Record]]:
    """The outbox with a dead letter in it again as if it were new, and what is written down of it.

    What is on its way already stays as it is.
    """
    if any(message.call_id == replay.call_id for message in outbox):
        return outbox, []
    again = Pending(
        replay.call_id,
        sink=replay.sink,
        delay_id=replay.alert_id,
        seq=replay.seq,
        body=bytes(replay.message),
        since=now,
    )
    return (*outbox, again), [_audited(again, "replayed", now, replay.by, f"to {again.sink}")]


def _dead(message: Pending, reason: ParkedBecause, key: bytes, now: datetime) -> Record:
    letter = DeadLetter(
        call_id=message.call_id,
        sink=message.sink,
        alert_id=message.delay_id,
        seq=message.seq,
        message=Raw(message.body),
        reason=reason,
        attempts=message.attempts,
        since=wire(message.since),
        at=wire(now),
        status=message.status,
        detail=message.detail,
    )
    return Record(DEAD_LETTERS.full_name, key, _ENCODE(letter))


def _audited(
    message: Pending, action: AuditAction, now: datetime, by: str, detail: str | None
) -> Record:
    entry = AuditEntry(
        alert_id=message.delay_id,
        action=action,
        at=now,
        by=by,
        detail=detail,
        call_id=message.call_id,
    )
    return audit_record(entry)
