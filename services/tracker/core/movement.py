"""A movement: its history, what was told of it, and what each record or deadline makes of both."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.derive import facts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Lateness
from services.tracker.core.limits import Limits
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.rules import assess
from services.tracker.core.told import Look, Told, news
from services.tracker.core.view import Json, MovementView, delay_record, movement_view


class Movement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stored state of one subject: the pure history, then what was told."""

    history: History
    first_at: datetime
    told: tuple[Told, ...] = ()
    seq: int = 0

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
    return Movement(History(kind, subject_id), now)


def receive(
    movement: Movement, report: Report, digest: bytes, limits: Limits, now: datetime
) -> tuple[Step, Fate]:
    """Merge a report and tell what it changes at `now`, the partition time."""
    history, fate = fold(movement.history, report, digest)
    if history is not movement.history:
        movement = msgspec.structs.replace(movement, history=history)
    return review(movement, limits, now, report), fate


def review(movement: Movement, limits: Limits, now: datetime, report: Report | None = None) -> Step:
    """Look at a movement at `now`, after merging `report` if any, and tell what is new."""
    facts = facts_of(movement.history)
    found = assess(facts, limits)
    told = {one.identity: one for one in movement.told}
    look = Look(now, movement.first_at - limits.backlog, report)
    seq, records = movement.seq, []
    for item in list(news(told, found, facts, look)):
        seq += 1
        told[item.told.identity] = item.told
        records.append(delay_record(item, facts, seq, now))
    if records:
        ordered = tuple(told[identity] for identity in sorted(told, key=lambda one: one.order))
        movement = msgspec.structs.replace(movement, told=ordered, seq=seq)
    return Step(movement, facts, _deadline(found.values(), now), records)


def _deadline(found: Iterable[Lateness], now: datetime) -> datetime | None:
    deadlines = [lateness.deadline(now) for lateness in found if lateness.until is None]
    return min([at for at in deadlines if at is not None], default=None)
