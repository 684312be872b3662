"""Messages on their way to edge sinks: kept until a sink took, refused or never answered them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from schemas.commands import call_id
from schemas.times import parse
from schemas.vocabulary import ParkedBecause, SinkOutcome
from services.alerts.core.policy import Policy
from services.runtime.processor import Call


class Pending(Struct, frozen=True):
    """A message and the moment to try it again; without one it waits behind an earlier message."""

    call_id: str
    sink: str
    delay_id: str
    seq: int
    body: bytes
    since: datetime
    attempts: int = 0
    next_at: datetime | None = None
    status: int | None = None
    """HTTP status of the last answer, where there was one."""
    detail: str | None = None
    """What the sink said last."""


Outbox = tuple[Pending, ...]
MOST_BYTES = 512 * 1024
"""Of one subject's messages on their way: with its alerts they are one record of the changelog."""


class Receipt(Struct, frozen=True):
    """What a sink answered to a call."""

    call_id: str
    sink: str
    outcome: SinkOutcome
    at: str
    status: int | None = None
    detail: str | None = None
    retry_at: str | None = None
    """The sink asks not to be called again before."""


class Parked(NamedTuple):
    """A message that is not tried any more."""

    message: Pending
    reason: ParkedBecause


class Sending(NamedTuple):
    """One look at the outbox: what stays, what is to be called now, what is given up."""

    outbox: Outbox
    calls: Sequence[Call]
    parked: Sequence[Parked]


decode_receipt = msgspec.json.Decoder(Receipt).decode
"""JSON bytes to a Receipt; msgspec.ValidationError (a ValueError) when it is none."""


def addressed(
    delay_id: str, seq: int, sink: str, body: bytes, now: datetime, further: int = 0
) -> Pending:
    """A message of `body` to a sink, to be sent as soon as nothing earlier is in its way.

    `further` counts what is said of an alert beside the records of its delay.
    """
    number = call_id(delay_id, seq, sink, further)
    return Pending(number, sink=sink, delay_id=delay_id, seq=seq, body=body, since=now)


def send(outbox: Outbox, key: bytes, now: datetime, policy: Policy) -> Sending:
    """Call what is due. A sink hears of one alert in order, so only the first message of each is.

    The state already holds when to try again: a crash repeats a call rather than forgets it.
    """
    crowd = _crowd(outbox)
    kept: list[Pending] = []
    calls: list[Call] = []
    parked = [Parked(message, "crowded_out") for message in outbox[:crowd]]
    waiting: set[tuple[str, str]] = set()
    for message in outbox[crowd:]:
        line = (message.sink, message.delay_id)
        if line not in waiting and _hopeless(message, now, policy):
            parked.append(Parked(message, "given_up"))
            continue
        if line not in waiting and (message.next_at is None or message.next_at <= now):
            calls.append(Call(message.call_id, message.sink, message.body, key))
            message = _tried(message, now, policy)  # noqa: PLW2901 - the message after its try
        waiting.add(line)
        kept.append(message)
    return Sending(tuple(kept), calls, parked)


def received(outbox: Outbox, receipt: Receipt, policy: Policy) -> tuple[Outbox, Pending | None]:
    """The outbox after a sink's answer, and the message that is done with, if it is.

    An answer to an unknown call is that to a repeat of one already settled: it changes nothing.
    """
    answered = next((m for m in outbox if m.call_id == receipt.call_id), None)
    if answered is None:
        return outbox, None
    if receipt.outcome == "retry":
        later = _put_off(answered, receipt, policy)
        return tuple(later if m is answered else m for m in outbox), None
    return tuple(m for m in outbox if m is not answered), answered


def given_up(before: Outbox, after: Outbox, now: datetime, policy: Policy) -> Outbox:
    """What was parked between two states of an outbox because no sink took it in time.

    In time is within a day, and before newer messages needed its room.
    """
    kept = {message.call_id for message in after}
    gone = tuple(message for message in before if message.call_id not in kept)
    if _bytes(gone) + _bytes(after) > MOST_BYTES:
        return gone
    return tuple(message for message in gone if _hopeless(message, now, policy))


def next_try_at(outbox: Outbox) -> datetime | None:
    """The earliest moment at which something is to be tried again."""
    return min((m.next_at for m in outbox if m.next_at is not None), default=None)


def wait_after(attempts: int, number: str, policy: Policy) -> timedelta:
    """How long after a try the next one is: doubling up to the most, with full jitter.

    Never below the first wait, so that a call under way is not overtaken by its own repeat.
    The jitter is a function of the call: the same after a restart, different between calls.
    """
    doubled = policy.retry_first * (1 << min(attempts - 1, 20))
    digest = sha256(f"{number}/{attempts}".encode()).digest()
    jitter = int.from_bytes(digest[:4]) / 2**32
    return policy.retry_first + (min(doubled, policy.retry_most) - policy.retry_first) * jitter


def _crowd(outbox: Outbox) -> int:
    """How many of the oldest are to leave so that the others have room."""
    room, crowd = MOST_BYTES - _bytes(outbox), 0
    while room < 0 and crowd < len(outbox) - 1:
        room += len(outbox[crowd].body)
        crowd += 1
    return crowd


def _bytes(outbox: Outbox) -> int:
    return sum(len(message.body) for message in outbox)


def _tried(message: Pending, now: datetime, policy: Policy) -> Pending:
    attempts = message.attempts + 1
    next_at = now + wait_after(attempts, message.call_id, policy)
    last = max(message.since + policy.give_up, now + policy.retry_first)
    return replace(message, attempts=attempts, next_at=min(next_at, last))


def _hopeless(message: Pending, now: datetime, policy: Policy) -> bool:
    return message.attempts > 0 and now - message.since >= policy.give_up


def _put_off(message: Pending, receipt: Receipt, policy: Policy) -> Pending:
    message = replace(message, status=receipt.status, detail=receipt.detail)
    if receipt.retry_at is None or message.next_at is None:
        return message
    asked = min(parse(receipt.retry_at), message.since + policy.give_up)
    return replace(message, next_at=max(message.next_at, asked))
