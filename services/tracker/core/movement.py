"""A movement: its history, what was told of it, and what each record or deadline makes of both."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from services.tracker.core.believing import believe
from services.tracker.core.bounds import too_much
from services.tracker.core.derive import facts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Lateness
from services.tracker.core.learnt import Judge
from services.tracker.core.limits import DAY, HOUR, Limits
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.passing import NOTHING_PASSED, Onward, Passed, pass_on
from services.tracker.core.rules import assess
from services.tracker.core.rules_transit import SILENT
from services.tracker.core.sentence import sentence
from services.tracker.core.superseded import fold_away, was_folded_away
from services.tracker.core.telling import Telling, deadline_of, tell
from services.tracker.core.terms import Terms
from services.tracker.core.told import Ending, Look, News, Told, ending
from services.tracker.core.view import Json, Manner, MovementView, delay_record, movement_view

_WHILE_HUSHED = HOUR
_WHILE_UNREPORTED = DAY


class Delivery(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a delivery was due, became known and was made, as the publisher of its plan was told.

    `delivered_at` is None while the report of it does not stand, `due_at` while nobody said one.
    """

    publisher: str
    country: str
    due_at: datetime | None
    known_at: datetime
    delivered_at: datetime | None


class Movement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stored state of one subject: what was told of it, then its pure history.

    It is stored as a plain array that begins with what is counted: a new field goes to the end.
    """

    state: str
    told: tuple[Told, ...]
    seq: int
    first_at: datetime
    history: History
    passed: Passed = NOTHING_PASSED
    carrier: str | None = None
    """By whose word it is in transit, as that publisher was told."""
    country: str | None = None
    agency: str | None = None
    delivery: Delivery | None = None

    @property
    def key(self) -> bytes:
        """The key of its records."""
        return f"{self.history.kind}/{self.history.subject_id}".encode()

    def view(self) -> MovementView:
        """The public view of the movement, its facts derived anew."""
        return movement_view(facts_of(self.history), self.told)


class Step(NamedTuple):
    """What a record or a deadline made of a movement."""

    movement: Movement
    facts: Facts
    deadline: datetime | None
    delays: Sequence[Json]
    onward: Onward


def opened(kind: str, subject_id: str, now: datetime) -> Movement:
    """A movement of which nothing is known yet."""
    return Movement("planned", (), 0, now, History(kind, subject_id))


def receive(
    movement: Movement, report: Report, digest: bytes, judge: Judge, now: datetime
) -> tuple[Step, Fate]:
    """Merge a report and tell what it changes at `now`, the partition time."""
    history, facts, fate = _merged(movement.history, report, digest, judge.default)
    if history is not movement.history:
        movement = msgspec.structs.replace(
            movement,
            state=facts.state,
            history=history,
            country=facts.country,
            agency=facts.agency,
        )
    return _told(movement, facts, judge, now, report), fate


def receive_terms(movement: Movement, terms: Terms, judge: Judge, now: datetime) -> Step:
    """Take note of terms that a promise or a split sent, and tell what they change at `now`."""
    history = movement.history.with_terms(terms)
    if history is not movement.history:
        movement = msgspec.structs.replace(movement, history=history)
    return review(movement, judge, now)


def review(movement: Movement, judge: Judge, now: datetime) -> Step:
    """Look at a movement at `now` and tell what is new."""
    return _told(movement, facts_of(movement.history), judge, now)


def _merged(
    before: History, report: Report, digest: bytes, limits: Limits
) -> tuple[History, Facts, Fate]:
    """The history with the report, kept within its limits, its facts, and the report's fate."""
    history, fate = fold(before, report, digest)
    is_new = len(history.registers) > len(before.registers)
    if too_much(history, report, limits, is_new=is_new):
        history = before.with_contact(history.last_contact_at)
        return history, facts_of(history), Fate.TOO_MANY
    facts = facts_of(history)
    if is_new and was_folded_away(history, report, facts, limits):
        history = before.with_contact(history.last_contact_at)
        return history, facts_of(history), Fate.STALE
    return fold_away(history, facts, limits), facts, fate


def _told(
    movement: Movement, facts: Facts, judge: Judge, now: datetime, report: Report | None = None
) -> Step:
    """Tell what is new at this look, and pass on what changed for others."""
    limits = judge.limits_of(facts)
    look = Look(now, movement.first_at - limits.backlog, report)
    found = assess(facts, limits)
    believe(found, movement.told, judge, facts, now)
    hushed = facts.state == "in_transit" and judge.silent(movement.carrier)
    if hushed and not any(one.is_open and one.identity == SILENT for one in movement.told):
        found.pop(SILENT, None)  # one alert of the publisher stands for it

    def why(known: Told, lateness: Lateness | None) -> Ending:
        return ending(known, lateness, facts, look)

    def write(news: News, seq: int) -> Json:
        return delay_record(news, facts, seq, now, Manner(partial(sentence, facts), judge.version))

    before = Telling(movement.told, movement.seq, [])
    told, seq, records = tell(before, found, look, why, write)
    at = now if report is None else report.counts_from
    passed, onward = pass_on(movement.passed, facts, at)
    if records or passed is not movement.passed:
        movement = msgspec.structs.replace(movement, told=told, seq=seq, passed=passed)
    deadline, again = deadline_of(found.values(), now), _again(told, limits, now, hushed=hushed)
    if deadline is None or (again is not None and again < deadline):
        deadline = again
    return Step(movement, facts, deadline, records, onward)


def _again(told: Iterable[Told], limits: Limits, now: datetime, *, hushed: bool) -> datetime | None:
    """When to look again, as more may be learnt of its publisher meanwhile."""
    if hushed:
        return now + _WHILE_HUSHED
    unreported = (one for one in told if one.is_open and one.confidence == "unreported")
    undecided = any(one.due_at is None or now < one.due_at + limits.lag for one in unreported)
    return now + _WHILE_UNREPORTED if undecided else None
