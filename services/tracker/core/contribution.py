"""What a movement contributes to the promise that it names."""

from collections.abc import Sequence
from datetime import datetime
from operator import add

import msgspec

from schemas.times import wire
from services.tracker.core.events import Quantity
from services.tracker.core.facts import Facts
from services.tracker.core.ledger import LedgerLine, Number, exact, plain

Thing = tuple[str | None, str | None]
"""Item and unit."""
Stages = tuple[Number, Number, Number, Number]
"""How much is covered, moving, handed over, confirmed."""


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

    @property
    def told(self) -> tuple[Quantity, Quantity, Quantity, Quantity]:
        """How much of it, as it goes over the wire."""
        return self.covered, self.moving, self.handed_over, self.confirmed

    @property
    def stages(self) -> Stages:
        """How much of it, exactly."""
        covered, moving = exact(self.covered), exact(self.moving)
        return covered, moving, exact(self.handed_over), exact(self.confirmed)


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

    def record(self) -> "dict[str, object] | Contribution":
        """It as the wire has it; the encoder writes whole seconds so by itself."""
        if not self.at.microsecond:
            return self
        fields: dict[str, object] = msgspec.structs.asdict(self)
        return {**fields, "at": wire(self.at)}


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last contribution of one movement as its promise stores it.

    It is packed, as a promise may have thousands of them, of which each word concerns one. Of one
    that was withdrawn only the seq still counts. A new field goes to the end.
    """

    movement: str
    seq: int
    packed: bytes = b""

    @property
    def withdrawn(self) -> bool:
        return not self.packed

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return _KEPT_BYTES + len(self.movement) + len(self.packed)

    @property
    def agency(self) -> str | None:
        return _unpack(self.packed).agency

    @property
    def country(self) -> str | None:
        return _unpack(self.packed).country

    @property
    def lines(self) -> tuple[Part, ...]:
        """What it brings; nothing once it is withdrawn."""
        return tuple([Part(*line) for line in _unpack(self.packed).lines]) if self.packed else ()


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is packed of a contribution."""

    agency: str | None
    country: str | None
    lines: tuple[tuple[str | None, str | None, Quantity, Quantity, Quantity, Quantity], ...]


_KEPT_BYTES = 16
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Packed).decode


def kept(said: Contribution) -> Kept:
    """What is kept of a contribution."""
    if said.withdrawn:
        return Kept(said.movement, said.seq)
    lines = [msgspec.structs.astuple(part) for part in said.lines]
    return Kept(said.movement, said.seq, _pack((said.agency, said.country, lines)))


read_contribution = msgspec.json.Decoder(Contribution).decode
"""JSON bytes to a Contribution; msgspec.MsgspecError when it is none."""


def parts_of(facts: Facts, before: Sequence[Part] = ()) -> tuple[Part, ...]:
    """What the movement contributes of each item as it stands, by item and unit.

    A part that was the same `before` is that one.
    """
    over, left = _is_over(facts), facts.milestone("departed").proven_at is not None
    sums: dict[Thing, Stages] = {}
    for line in facts.lines:
        stages, thing = _stages(line, facts, over=over, left=left), (line.item, line.unit)
        known = sums.get(thing)
        sums[thing] = stages if known is None else _added(known, stages)
    ordered = sorted(sums, key=named_first) if len(sums) > 1 else sums
    known_parts = {part.thing: part for part in before}
    return tuple([_part(thing, sums[thing], known_parts.get(thing)) for thing in ordered])


def _part(thing: Thing, stages: Stages, before: Part | None) -> Part:
    if before is not None and stages == before.told:
        return before
    return Part(*thing, *map(plain, stages))


def _added(some: Stages, more: Stages) -> Stages:
    covered, moving, handed_over, confirmed = map(add, some, more)
    return covered, moving, handed_over, confirmed


def named_first(thing: Thing) -> tuple[bool, str, str]:
    """By item and unit, the unknown ones last."""
    item, unit = thing
    return (item is None, item or "", unit or "")


def _stages(line: LedgerLine, facts: Facts, *, over: bool, left: bool) -> Stages:
    covered = _covered(line, over=over)
    moving = max(0, covered - line.accepted) if left else 0
    return covered, moving, line.accepted, _confirmed(line, facts)


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
