"""How a commitment goes over the wire (shape: `schemas/commitments.py`), and its sentences."""

from collections.abc import Iterable

import msgspec

from services.tracker.core.contribution import Kept, Part
from services.tracker.core.events import Quantity
from services.tracker.core.kinds import words_for
from services.tracker.core.lateness import Step
from services.tracker.core.ledger import Number, plain
from services.tracker.core.promise import Promise, PromiseLine
from services.tracker.core.sentence import day, is_over, listed
from services.tracker.core.told import Ending, Told
from services.tracker.core.view import Moment, OpenDelay, open_delays, wired


class LineView(msgspec.Struct, frozen=True, gc=False):
    """An item of a promise as it goes over the wire."""

    item: str | None
    unit: str | None
    promised: Quantity
    covered: Quantity
    moving: Quantity
    handed_over: Quantity
    confirmed: Quantity


class ContributorView(msgspec.Struct, frozen=True, gc=False):
    """A movement that names the promise as it goes over the wire."""

    kind: str
    subject_id: str
    agency: str | None
    country: str | None
    lines: tuple[Part, ...]


class PromiseView(msgspec.Struct, frozen=True, gc=False):
    """A commitment as it goes over the wire."""

    kind: str
    subject_id: str
    state: str
    agency: str | None
    country: str | None
    programme: str | None
    request: str | None
    due_at: Moment
    lines: list[LineView]
    movements: list[ContributorView] | msgspec.UnsetType
    doubts: tuple[str, ...]
    events: int
    delays: list[OpenDelay]


def promise_view(
    promise: Promise, told: Iterable[Told], contributions: Iterable[Kept] | None = None
) -> PromiseView:
    """The public state of a commitment; with its movements, which may be many, where given."""
    committed = promise.committed
    return PromiseView(
        promise.kind,
        promise.subject_id,
        promise.state,
        promise.agency,
        promise.country,
        committed.programme if committed is not None else None,
        committed.refs.request if committed is not None else None,
        wired(promise.due_at),
        [_line(line) for line in promise.lines],
        msgspec.UNSET if contributions is None else [_contributor(each) for each in contributions],
        ("conflict",) if promise.conflict_at is not None else (),
        len(promise.reports),
        open_delays(promise, told),
    )


def _line(line: PromiseLine) -> LineView:
    stages = (line.promised, line.covered, line.moving, line.handed_over, line.confirmed)
    return LineView(line.item, line.unit, *map(plain, stages))


def _contributor(said: Kept) -> ContributorView:
    kind, _, subject_id = said.movement.partition("/")
    return ContributorView(kind, subject_id, said.agency, said.country, said.lines)


def promise_sentence(
    promise: Promise, told: Told, next_step: Step | None, ending: Ending | None
) -> str:
    """Tell one delay of a commitment to a person on call; nothing is to come but its end."""
    del next_step
    what = f"{_promised(promise)} for {promise.country} from {promise.agency}"
    if ending is not None:
        return is_over(what, told.delay, ending)
    if told.delay == "conflict":
        return f"{what}: one event was told in two ways on {day(told.late_since)}."
    due = day(promise.due_at) if promise.due_at is not None else "no day"
    lacking = listed([_lacking(line) for line in promise.lines if line.gap > 0])
    return f"{what}, promised by {due}, are not covered: no movement brings {lacking}."


def _promised(promise: Promise) -> str:
    if not promise.promised:
        return f"Commitment {promise.subject_id}"
    lines = listed([_counted(line.promised, line.item) for line in promise.promised])
    return f"{lines} ({promise.subject_id})"


def _lacking(line: PromiseLine) -> str:
    return f"{plain(line.gap)} of the {_counted(line.promised, line.item)}"


def _counted(quantity: Number, item: str | None) -> str:
    return f"{plain(quantity)} {words_for(item, quantity)}"
