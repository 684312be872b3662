"""The facts of a commitment: what was promised, and what movements make of it.

They are a function of the set of its events and of the last contribution of each movement.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import add, sub

import msgspec

from services.tracker.core.contribution import Contribution, Kept, Part, Thing, named_first
from services.tracker.core.doubts import conflict_at
from services.tracker.core.events import Report
from services.tracker.core.facts import latest
from services.tracker.core.ledger import Number, exact
from services.tracker.core.merge import History
from services.tracker.core.milestones import best
from services.tracker.core.ranks import ranker

_REACHED = ("confirmed", "handed_over", "covered")


class PromiseLine(msgspec.Struct, frozen=True):
    """One item of a promise, over all movements that name it."""

    item: str | None
    unit: str | None
    promised: Number = 0
    covered: Number = 0
    moving: Number = 0
    handed_over: Number = 0
    confirmed: Number = 0

    @property
    def thing(self) -> Thing:
        """What is counted."""
        return (self.item, self.unit)

    @property
    def gap(self) -> Number:
        """What was promised and no movement will bring."""
        return max(0, self.promised - self.covered)


class Promise(msgspec.Struct, frozen=True):
    """All that the rule and the view need to know of one commitment."""

    subject_id: str
    reports: tuple[Report, ...]
    committed: Report | None
    cancelled: Report | None
    lines: tuple[PromiseLine, ...]
    conflict_at: datetime | None

    @property
    def kind(self) -> str:
        return "commitment"

    @property
    def commitment(self) -> str:
        return self.subject_id

    @property
    def agency(self) -> str | None:
        """Whose promise it is."""
        if self.committed is None:
            return None
        return self.committed.parties.owner or self.committed.publisher

    @property
    def country(self) -> str | None:
        """To whom it was made."""
        return self.committed.recipient if self.committed is not None else None

    @property
    def due_at(self) -> datetime | None:
        return self.committed.due_at if self.committed is not None else None

    @property
    def items(self) -> set[str]:
        """The kinds of item that were promised."""
        return {line.item for line in self.promised if line.item is not None}

    @property
    def promised(self) -> list[PromiseLine]:
        """Without what movements bring beside it."""
        return [line for line in self.lines if line.promised > 0]

    @property
    def stands(self) -> bool:
        """It was made and is not cancelled."""
        return self.committed is not None and self.cancelled is None

    @property
    def state(self) -> str:
        """How far it is with all of its lines."""
        if self.cancelled is not None:
            return "cancelled"
        if self.committed is None:
            return "unpromised"
        reached = (stage for stage in _REACHED if all(_is(line, stage) for line in self.promised))
        return next(reached, "promised")

    @property
    def last_report(self) -> Report | None:
        """What was last said of the promise itself."""
        return latest(self.reports)


def _is(line: PromiseLine, stage: str) -> bool:
    reached: Number = getattr(line, stage)
    return reached >= line.promised


def promise_of(history: History, contributions: Iterable[Kept]) -> Promise:
    """Derive the facts; of several promises under one id the best-ranked one wins whole."""
    live = tuple(history.live())
    committed = best([r for r in live if r.type == "committed"], ranker(None))
    owner = (committed.parties.owner or committed.publisher) if committed is not None else None
    cancelled = best([r for r in live if r.type == "cancelled"], ranker(owner))
    lines = _lines(committed, contributions)
    return Promise(history.subject_id, live, committed, cancelled, lines, conflict_at(history))


def with_contribution(
    promise: Promise, contributions: Iterable[Kept], old: Kept | None, new: Contribution
) -> Promise:
    """The facts once `new` stands among all contributions in the place of `old`.

    They are those that `promise_of` derives, but found without adding up all the others.
    """
    before = {} if old is None else {part.thing: part for part in old.lines}
    after = {part.thing: part for part in new.lines}
    if before.keys() <= after.keys():
        lines = _moved(promise.lines, before, after)
    else:  # whether others name it too, only they know
        lines = _lines(promise.committed, contributions)
    return msgspec.structs.replace(promise, lines=lines)


def _moved(
    lines: Iterable[PromiseLine], before: Mapping[Thing, Part], after: Mapping[Thing, Part]
) -> tuple[PromiseLine, ...]:
    """The lines once one movement brings `after` in the place of `before`."""
    moved = {line.thing: line for line in lines}
    if not after.keys() <= moved.keys():
        things = sorted({*moved, *after}, key=named_first)
        moved = {thing: moved.get(thing, PromiseLine(*thing)) for thing in things}
    for thing, part in after.items():
        if (former := before.get(thing)) != part:
            moved[thing] = _line(moved[thing], part, former)
    return tuple(moved.values())


def _line(line: PromiseLine, part: Part, before: Part | None) -> PromiseLine:
    sums = (line.covered, line.moving, line.handed_over, line.confirmed)
    more = map(add, sums, part.stages)
    moved = more if before is None else map(sub, more, before.stages)
    return PromiseLine(line.item, line.unit, line.promised, *moved)


def _lines(committed: Report | None, contributions: Iterable[Kept]) -> tuple[PromiseLine, ...]:
    sums: dict[Thing, list[Number]] = {}
    for line in committed.lines if committed is not None else ():
        _add(sums, (line.item, line.unit), [exact(line.quantity), 0, 0, 0, 0])
    for part in (part for each in contributions for part in each.lines):
        _add(sums, part.thing, [0, *part.stages])
    return tuple(PromiseLine(*thing, *sums[thing]) for thing in sorted(sums, key=named_first))


def _add(sums: dict[Thing, list[Number]], thing: Thing, more: list[Number]) -> None:
    known = sums.get(thing)
    sums[thing] = more if known is None else list(map(add, known, more))
