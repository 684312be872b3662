"""What a movement contributes to the promise that it names."""

from datetime import datetime
from operator import add

import msgspec

from schemas.times import wire
from services.tracker.core.events import Quantity
from services.tracker.core.facts import Facts
from services.tracker.core.ledger import LedgerLine, Number, exact, plain

Thing = tuple[str | None, str | None]
"""Item and unit."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """So much of an item; `moving` is the part of `covered` that left and is under way."""

    item: str | None
    unit: str | None
    covered: Quantity
    moving: Quantity
    handed_over: Quantity
    confirmed: Quantity

    @property
    def thing(self) -> Thing:
        """What is counted."""
        return (self.item, self.unit)


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """What one movement contributes to one promise; its last word counts, by `seq`."""

    kind: str
    subject_id: str
    seq: int
    at: datetime
    agency: str | None = None
    country: str | None = None
    withdrawn: bool = False
    lines: tuple[Part, ...] = ()

    @property
    def movement(self) -> str:
        """The key of the movement."""
        return f"{self.kind}/{self.subject_id}"

    def record(self) -> dict[str, object]:
        """It as the wire has it."""
        fields: dict[str, object] = msgspec.structs.asdict(self)
        return {**fields, "at": wire(self.at)}


read_contribution = msgspec.json.Decoder(Contribution).decode
"""JSON bytes to a Contribution; msgspec.MsgspecError when it is none."""


def parts_of(facts: Facts) -> tuple[Part, ...]:
    """What the movement contributes of each item as it stands, by item and unit."""
    over, left = _is_over(facts), facts.milestone("departed").proven_at is not None
    sums: dict[Thing, list[Number]] = {}
    for line in facts.lines:
        stages, thing = _stages(line, facts, over=over, left=left), (line.item, line.unit)
        known = sums.get(thing)
        sums[thing] = stages if known is None else list(map(add, known, stages))
    ordered = sorted(sums, key=named_first) if len(sums) > 1 else sums
    return tuple(Part(*thing, *map(plain, sums[thing])) for thing in ordered)


def named_first(thing: Thing) -> tuple[bool, str, str]:
    """By item and unit, the unknown ones last."""
    item, unit = thing
    return (item is None, item or "", unit or "")


def _stages(line: LedgerLine, facts: Facts, *, over: bool, left: bool) -> list[Number]:
    """Covered, moving, handed over, confirmed."""
    covered = _covered(line, over=over)
    moving = max(0, covered - line.accepted) if left else 0
    return [covered, moving, line.accepted, _confirmed(line, facts)]


def _covered(line: LedgerLine, *, over: bool) -> Number:
    """What was accepted, and while more may come what is neither gone, damaged nor missing."""
    if over or line.available is None:
        return line.accepted
    return max(line.accepted, line.available - line.damaged - line.missing)


def _is_over(facts: Facts) -> bool:
    """Nothing more will be handed over."""
    return facts.ended is not None or (bool(facts.snapshots) and facts.snapshots[-1].ended)


def _confirmed(line: LedgerLine, facts: Facts) -> Number:
    """In the recipient's words; who names no line at all confirms what was handed over."""
    if facts.confirmed is None:
        return 0
    if not facts.confirmed.lines:
        return line.accepted
    said = (exact(each.accepted) for each in facts.confirmed.lines if each.line == line.line)
    return sum(said)
