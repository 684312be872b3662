"""The facts of a commitment: what was promised, and what movements make of it.

They are a function of the set of its events and of the last contribution of each movement.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import add

import msgspec

from services.tracker.core.contribution import Contribution, Part, Thing, named_first
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
    def gap(self) -> Number:
        """What was promised and no movement will bring."""
        return max(0, self.promised - self.covered)


class Promise(msgspec.Struct, frozen=True):
    """All that the rule and the view need to know of one commitment."""

    subject_id: str
    reports: tuple[Report, ...]
    committed: Report | None
    cancelled: Report | None
    contributions: tuple[Contribution, ...]
    """Those that are not withdrawn, by movement."""
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


def promise_of(history: History, contributions: Iterable[Contribution]) -> Promise:
    """Derive the facts; of several promises under one id the best-ranked one wins whole."""
    live = tuple(history.live())
    committed = best([r for r in live if r.type == "committed"], ranker(None))
    owner = (committed.parties.owner or committed.publisher) if committed is not None else None
    cancelled = best([r for r in live if r.type == "cancelled"], ranker(owner))
    counted = tuple(each for each in contributions if not each.withdrawn)
    lines = _lines(committed, [part for each in counted for part in each.lines])
    return Promise(
        history.subject_id, live, committed, cancelled, counted, lines, conflict_at(history)
    )


def _lines(committed: Report | None, parts: Sequence[Part]) -> tuple[PromiseLine, ...]:
    sums: dict[Thing, list[Number]] = {}
    for line in committed.lines if committed is not None else ():
        _add(sums, (line.item, line.unit), [exact(line.quantity), 0, 0, 0, 0])
    for part in parts:
        numbers = (part.covered, part.moving, part.handed_over, part.confirmed)
        _add(sums, part.thing, [0, *map(exact, numbers)])
    return tuple(PromiseLine(*thing, *sums[thing]) for thing in sorted(sums, key=named_first))


def _add(sums: dict[Thing, list[Number]], thing: Thing, more: list[Number]) -> None:
    known = sums.get(thing)
    sums[thing] = more if known is None else list(map(add, known, more))
