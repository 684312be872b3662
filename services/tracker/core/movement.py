"""A movement: its history, what was told of it, and what each record or deadline makes of both."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import msgspec

from services.tracker.core.derive import facts_of
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import Identity, Lateness
from services.tracker.core.limits import Limits
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.rules import assess
from services.tracker.core.told import Look, Told, news
from services.tracker.core.view import Json, delay_record, movement_view


class Movement(msgspec.Struct, frozen=True, dict=True):
    """The stored state of one subject: the pure history, then what was told."""

    history: History
    first_at: datetime
    told: tuple[Told, ...] = ()
    seq: int = 0

    @cached_property
    def facts(self) -> Facts:
        """The facts, derived once for as long as this state is kept decoded."""
        return facts_of(self.history)

    def view(self) -> Json:
        """The public view of the movement."""
        events = sum(1 for _ in self.history.live())
        return movement_view(self.facts, events, self.told)


class Step(NamedTuple):
    """What a record or a deadline made of a movement."""

    movement: Movement
    deadline: datetime | None
    delays: Sequence[Json]


def opened(kind: str, subject_id: str, now: datetime) -> Movement:
    """A movement of which nothing is known yet."""
    return Movement(History(kind, subject_id, {}), now)


def receive(
    movement: Movement, report: Report, digest: str, limits: Limits, now: datetime
) -> tuple[Step, Fate]:
    """Merge a report and tell what it changes at `now`, the partition time."""
    history, fate = fold(movement.history, report, digest)
    if history is not movement.history:
        movement = msgspec.structs.replace(movement, history=history)
    return review(movement, limits, now, report), fate


def review(movement: Movement, limits: Limits, now: datetime, report: Report | None = None) -> Step:
    """Look at a movement at `now`, after merging `report` if any, and tell what is new."""
    facts = movement.facts
    found = assess(facts, limits)
    told = {one.identity: one for one in movement.told}
    look = Look(now, movement.first_at - limits.backlog, report)
    seq, records = movement.seq, []
    for item in list(news(told, found, facts, look)):
        seq += 1
        told[item.told.identity] = item.told
        records.append(delay_record(item, facts, seq, now))
    if records:
        movement = _told(movement, told, seq)
    return Step(movement, _deadline(found, now), records)


def _told(movement: Movement, told: dict[Identity, Told], seq: int) -> Movement:
    ordered = tuple(told[identity] for identity in sorted(told, key=lambda one: one.order))
    after = Movement(movement.history, movement.first_at, ordered, seq)
    after.__dict__["facts"] = movement.facts
    return after


def _deadline(found: dict[Identity, Lateness], now: datetime) -> datetime | None:
    deadlines = (lateness.deadline(now) for lateness in found.values())
    return min((at for at in deadlines if at is not None), default=None)
