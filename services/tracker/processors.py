"""The tracker's processors: what they read and write, and what they leave to the core."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from schemas.publishers import KEY as PUBLISHER_KEY
from schemas.topics import ACTIVITY, COMMITMENTS, CONTRIBUTIONS, DELAYS, EVENTS, MOVEMENTS
from services.runtime.moments import to_ms
from services.runtime.processor import Codec, Outcome, Part, Record, Shared
from services.tracker.codec import StructCodec
from services.tracker.core import commitment as commitments
from services.tracker.core.activity import Said, noted
from services.tracker.core.commitment import Commitment, Turn
from services.tracker.core.contribution import Contribution, read_contribution
from services.tracker.core.delivered import taught
from services.tracker.core.events import Report, content_hash, read_report
from services.tracker.core.merge import Fate
from services.tracker.core.movement import Movement, Step, opened, receive, receive_terms, review
from services.tracker.core.promise_view import promise_view
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook
from services.tracker.core.terms import Sent, Terms, read_terms
from services.tracker.core.view import Json, dumps, movement_view
from services.tracker.judging import Judges
from services.tracker.known import Known
from services.tracker.set_aside import set_aside

_COMMITMENT = "commitment/"

Hear = Callable[[Fate, Report, datetime], object]
"""Told what became of a report that came at that partition time."""


def unheard(fate: Fate, report: Report, now: datetime) -> None:
    """Nobody counts."""


class MovementsProcessor:
    """Folds the events of each shipment and deployment and tells what of it is late.

    `book` are the rules until others are applied. `hear` is told the fate of every report and
    when it came: it is for counting only.
    """

    name = "movements"
    topics: Collection[str] = (EVENTS.full_name,)
    prefixes: tuple[bytes, ...] = (b"shipment/", b"deployment/")

    def __init__(self, book: RuleBook = DEFAULT_BOOK, hear: Hear = unheard) -> None:
        self.codec: Codec[Movement] = StructCodec(Movement)
        self._judges = Judges(book)
        self._hear = hear

    def on_record(
        self, record: Record, state: Movement | None, shared: Shared, now: datetime
    ) -> Outcome[Movement]:
        key = record.key or b""
        if record.value is None:
            return Outcome(state)
        known = state or _unknown(key, now)
        judge = self._judges.of(shared)
        said = _said(record.value)
        if isinstance(said, Terms):
            return _movement(key, state, receive_terms(known, said, judge, now), now)
        step, fate = receive(known, said, content_hash(record.value), judge, now)
        self._hear(fate, said, now)
        movement, activities = noted(step.movement, step.facts, said, fate, now)
        movement, lessons = taught(movement, step.facts, judge, now)
        activities += lessons
        aside = set_aside(record, said.publisher, fate, now)
        outcome = _movement(key, state, step, now, aside)
        return Outcome(
            movement, step.deadline, outcome.out, parts=[activity_part(each) for each in activities]
        )

    def on_deadline(
        self, key: bytes, state: Movement, shared: Shared, now: datetime
    ) -> Outcome[Movement]:
        step = review(state, self._judges.of(shared), now)
        return _movement(key, state, step, now)


class CommitmentsProcessor:
    """Sets what movements contribute against each promise, and sends its terms to them."""

    name = "commitments"
    topics: Collection[str] = (EVENTS.full_name, CONTRIBUTIONS.full_name)
    prefixes: tuple[bytes, ...] = (_COMMITMENT.encode(),)

    def __init__(self, book: RuleBook = DEFAULT_BOOK, hear: Hear = unheard) -> None:
        self.codec: Codec[Commitment] = StructCodec(Commitment)
        self._book = book
        self._hear = hear

    def on_record(
        self, record: Record, state: Commitment | None, shared: Shared, now: datetime
    ) -> Outcome[Commitment]:
        key = record.key or b""
        if record.value is None:
            return Outcome(state)
        known = state or commitments.promised(key.decode().removeprefix(_COMMITMENT))
        book = _in_force(shared, self._book)
        if record.topic == CONTRIBUTIONS.full_name:
            contribution = read_contribution(record.value)
            turn = commitments.take(known, contribution, book, now)
            return _commitment(key, state, turn, now)
        report, digest = read_report(record.value), content_hash(record.value)
        turn, fate = commitments.hear(known, report, digest, book, now)
        self._hear(fate, report, now)
        aside = set_aside(record, report.publisher, fate, now)
        return _commitment(key, state, turn, now, aside)

    def on_deadline(
        self, key: bytes, state: Commitment, shared: Shared, now: datetime
    ) -> Outcome[Commitment]:
        turn = commitments.look_again(state, _in_force(shared, self._book), now)
        return _commitment(key, state, turn, now)


def _in_force(shared: Known | None, default: RuleBook) -> RuleBook:
    """The rules in force; the default until others are applied."""
    return default if shared is None else shared.book(default)


def _unknown(key: bytes, now: datetime) -> Movement:
    kind, _, subject_id = key.decode().partition("/")
    return opened(kind, subject_id, now)


def _said(value: bytes) -> Report | Terms:
    """An event, as almost all are; else terms, which lack what every event has."""
    try:
        return read_report(value)
    except msgspec.ValidationError as error:
        try:
            return read_terms(value)
        except msgspec.ValidationError:
            raise error from None


def _movement(
    key: bytes, before: Movement | None, step: Step, now: datetime, aside: Iterable[Record] = ()
) -> Outcome[Movement]:
    """What a step means for others: delays, the view, contributions and terms."""
    out = _delays(key, step.delays)
    if step.movement is not before:
        view = movement_view(step.facts, step.movement.told)
        out.append(Record(MOVEMENTS.full_name, key, dumps(view)))
    out += _contributions(step.onward.contributions)
    out += [*_terms(key, step.onward.terms, now), *aside]
    return Outcome(step.movement, step.deadline, out)


def _contributions(said: Iterable[tuple[str, Contribution]]) -> list[Record]:
    topic = CONTRIBUTIONS.full_name
    return [
        Record(topic, f"{_COMMITMENT}{commitment}".encode(), dumps(contribution.record()))
        for commitment, contribution in said
    ]


def _commitment(
    key: bytes, before: Commitment | None, turn: Turn, now: datetime, aside: Iterable[Record] = ()
) -> Outcome[Commitment]:
    """What a turn means for others: delays, the view and the terms of its movements."""
    out = _delays(key, turn.delays)
    out += [*_terms(key, turn.terms, now), *aside]
    shown = [Part(COMMITMENTS.full_name, key, turn)] if turn.commitment is not before else ()
    return Outcome(turn.commitment, turn.deadline, out, parts=shown)


def shown_commitment(turns: Sequence[Turn]) -> bytes:
    """The public view of a commitment after the last turn of a flush."""
    last = turns[-1]
    return dumps(promise_view(last.promise, last.commitment.told))


def _delays(key: bytes, delays: Iterable[Json]) -> list[Record]:
    return [Record(DELAYS.full_name, key, dumps(delay)) for delay in delays]


def _terms(source: bytes, terms: Sequence[Sent], now: datetime) -> list[Record]:
    """Records of the journal, for the partition of the movement that each is for."""
    if not terms:
        return []
    headers = (("at", b"%d" % to_ms(now)),)
    return [
        Record(
            EVENTS.full_name,
            each.subject.encode(),
            dumps(each.record(source.decode(), now)),
            headers,
        )
        for each in terms
    ]


def activity_part(said: Said) -> Part:
    """It as a part of what the publisher's processor is told at once."""
    return Part(ACTIVITY.full_name, f"{PUBLISHER_KEY}{said.publisher}".encode(), said.activity)
