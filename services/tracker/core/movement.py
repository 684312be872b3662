"""A movement: its history, what was told of it, and what each record or deadline makes of both."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.derive import facts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Lateness
from services.tracker.core.learnt import Judge
from services.tracker.core.limits import DAY, HOUR, Limits
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.rules import assess
from services.tracker.core.rules_transit import SILENT
from services.tracker.core.superseded import fold_away, was_folded_away
from services.tracker.core.told import Look, Told, news
from services.tracker.core.view import Json, MovementView, delay_record, movement_view

_WHILE_HUSHED = HOUR
_WHILE_UNREPORTED = DAY


class Movement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stored state of one subject: what was told of it, then its pure history.

    It is stored as a plain array that begins with what is counted: a new field goes to the end.
    """

    state: str
    told: tuple[Told, ...]
    seq: int
    first_at: datetime
    history: History
    carrier: str | None = None
    """By whose word it is in transit, as that publisher was told."""
    delivery: tuple[datetime, datetime] | None = None
    """When it was due and delivered, as its publisher was told."""

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


def opened(kind: str, subject_id: str, now: datetime) -> Movement:
    """A movement of which nothing is known yet."""
    return Movement("planned", (), 0, now, History(kind, subject_id))


def receive(
    movement: Movement, report: Report, digest: bytes, judge: Judge, now: datetime
) -> tuple[Step, Fate]:
    """Merge a report and tell what it changes at `now`, the partition time."""
    history, facts, fate = _merged(movement.history, report, digest, judge.default)
    if history is not movement.history:
        movement = msgspec.structs.replace(movement, state=facts.state, history=history)
    return _told(movement, facts, judge, now, report), fate


def review(movement: Movement, judge: Judge, now: datetime) -> Step:
    """Look at a movement at `now` and tell what is new."""
    return _told(movement, facts_of(movement.history), judge, now)


def _merged(
    before: History, report: Report, digest: bytes, limits: Limits
) -> tuple[History, Facts, Fate]:
    """The history with the report, kept within its limits, its facts, and the report's fate."""
    history, fate = fold(before, report, digest)
    is_new = len(history.registers) > len(before.registers)
    if (is_new and _too_many(history, report, limits)) or _too_large(history, report, limits):
        history = before.with_contact(history.last_contact_at)
        return history, facts_of(history), Fate.TOO_MANY
    facts = facts_of(history)
    if is_new and was_folded_away(history, report, facts, limits):
        history = before.with_contact(history.last_contact_at)
        return history, facts_of(history), Fate.STALE
    return fold_away(history, facts, limits), facts, fate


def _too_many(history: History, report: Report, limits: Limits) -> bool:
    """Of all, or of one publisher, who must not keep others from being heard."""
    if len(history.registers) <= limits.most_words // 2 or report.type in OPERATORS_WORDS:
        return False
    own = sum(each.report.publisher == report.publisher for each in history.registers)
    return len(history.registers) > limits.most_words or own > limits.most_words // 2


def _too_large(history: History, report: Report, limits: Limits) -> bool:
    """Whether this report makes it so; one without lines never does."""
    if not report.size:
        return False
    return sum(each.report.size for each in history.registers) > limits.most_bytes


def _told(
    movement: Movement, facts: Facts, judge: Judge, now: datetime, report: Report | None = None
) -> Step:
    """Tell what is new at this look."""
    limits = judge.limits_of(facts)
    look = Look(now, movement.first_at - limits.backlog, report)
    found = assess(facts, limits)
    told = {one.identity: one for one in movement.told}
    hushed = judge.silent(movement.carrier) and facts.state == "in_transit"
    if hushed and not (SILENT in told and told[SILENT].is_open):
        found.pop(SILENT, None)  # one alert of the publisher stands for it
    seq, records = movement.seq, []
    for item in list(news(told, found, facts, look)):
        seq += 1
        told[item.told.identity] = item.told
        records.append(delay_record(item, facts, seq, now, judge.version))
    if records:
        ordered = tuple(told[identity] for identity in sorted(told, key=lambda one: one.order))
        movement = msgspec.structs.replace(movement, told=ordered, seq=seq)
    again = _again(told.values(), hushed=hushed)
    return Step(movement, facts, _deadline(found.values(), now, again), records)


def _again(told: Iterable[Told], *, hushed: bool) -> timedelta | None:
    """How soon to look again, as more may be learnt of its publisher meanwhile."""
    if hushed:
        return _WHILE_HUSHED
    unreported = any(one.is_open and one.confidence == "unreported" for one in told)
    return _WHILE_UNREPORTED if unreported else None


def _deadline(found: Iterable[Lateness], now: datetime, again: timedelta | None) -> datetime | None:
    deadlines = [lateness.deadline(now) for lateness in found if lateness.until is None]
    if again is not None:
        deadlines.append(now + again)
    return min([at for at in deadlines if at is not None], default=None)
