"""The tracker's processor: events of a movement in, its public state and its delays out."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

import msgspec

from schemas.publishers import KEY as PUBLISHER_KEY
from schemas.times import wire
from schemas.topics import ACTIVITY, DELAYS, EVENTS, MOVEMENTS, QUARANTINE, QUARANTINED_BYTES
from schemas.vocabulary import RefusalReason
from services.runtime.processor import Codec, Outcome, Record, Shared
from services.tracker.core.activity import Said, noted
from services.tracker.core.events import Report, content_hash, read_report
from services.tracker.core.learnt import Judge
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.merge import Fate
from services.tracker.core.movement import Movement, Step, opened, receive, review
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook
from services.tracker.core.view import dumps, movement_view
from services.tracker.known import Known

KINDS = frozenset({"shipment", "deployment"})

_JUDGES_KEPT = 64
"""One for each partition, but they come and go."""

Observe = Callable[[Fate, Report, datetime], object]
"""Told what became of a report that came at that partition time."""


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


class MovementCodec:
    """A movement to MessagePack and back; unknown fields are ignored, absent ones defaulted."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Movement)

    def encode(self, state: Movement) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> Movement:
        return self._decoder.decode(data)


class MovementsProcessor:
    """Folds the events of each shipment and deployment and tells what of it is late.

    `book` are the rules until others are applied. `observe` hears the fate of every report and
    when it came: it is for counting only.
    """

    name = "movements"
    topics: Collection[str] = (EVENTS.full_name,)

    def __init__(
        self,
        book: RuleBook = DEFAULT_BOOK,
        observe: Observe = lambda _fate, _report, _now: None,
    ) -> None:
        self.codec: Codec[Movement] = MovementCodec()
        self.book = book
        self._observe = observe
        self._judges: dict[int, tuple[Known | None, Judge]] = {}

    def on_record(
        self, record: Record, state: Movement | None, shared: Shared, now: datetime
    ) -> Outcome[Movement]:
        key = record.key or b""
        kind, _, subject_id = key.decode().partition("/")
        if kind not in KINDS or record.value is None:
            return Outcome(state)
        known = state or opened(kind, subject_id, now)
        report, digest = read_report(record.value), content_hash(record.value)
        step, fate = receive(known, report, digest, self._judge_of(shared), now)
        self._observe(fate, report, now)
        movement, said = noted(step.movement, step.facts, report, fate, now)
        changed = step.movement is not known or state is None
        out = _told(key, step, changed=changed) + [_activity(each) for each in said]
        why = _QUARANTINED.get(fate)
        if why is not None:
            out.append(_copy(record, record.value, report.publisher, why, now))
        return Outcome(movement, step.deadline, out)

    def on_deadline(
        self, key: bytes, state: Movement, shared: Shared, now: datetime
    ) -> Outcome[Movement]:
        step = review(state, self._judge_of(shared), now)
        changed = step.movement is not state
        return Outcome(step.movement, step.deadline, _told(key, step, changed=changed))

    def _judge_of(self, shared: Known | None) -> Judge:
        """By the rules in force, `book` until others are applied, and by what is learnt."""
        known = self._judges.get(id(shared))
        if known is None or known[0] is not shared:
            if len(self._judges) >= _JUDGES_KEPT:
                self._judges.clear()
            known = self._judges[id(shared)] = (shared, _judge(self.book, shared))
        return known[1]


def _judge(book: RuleBook, shared: Known | None) -> Judge:
    return Judge(book) if shared is None else Judge(shared.book(book), shared.publishers)


def _told(key: bytes, step: Step, *, changed: bool) -> list[Record]:
    records = [Record(DELAYS.full_name, key, dumps(delay)) for delay in step.delays]
    if changed:
        view = movement_view(step.facts, step.movement.told)
        records.append(Record(MOVEMENTS.full_name, key, dumps(view)))
    return records


_encode = msgspec.json.Encoder().encode


def _activity(said: Said) -> Record:
    key = f"{PUBLISHER_KEY}{said.publisher}".encode()
    return Record(ACTIVITY.full_name, key, _encode(said.activity))


def _copy(record: Record, value: bytes, publisher: str, why: Why, now: datetime) -> Record:
    """A copy of an event that does not count as it is, so that a data steward can look at it."""
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
