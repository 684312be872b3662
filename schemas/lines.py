"""The lines of an event: what is promised, handed over, moved or lost."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from schemas.codes import PERSON
from schemas.contract import Contract
from schemas.fields import AsTuple, Time
from schemas.numbers import Count, LineNumber, Quantity
from schemas.texts import Identifier, Slug, Unit
from schemas.values import BadValue
from schemas.vocabulary import RefusalReason

LINES = 1000
"""No event has more lines or children, and no line more serials."""


class Line(Contract):
    """A line, known by its number."""

    line: LineNumber


class ItemLine(Line):
    """A line of a promise or a registration."""

    item: Slug
    """Kind of item, an open slug: vest, ambulance, trainer."""
    quantity: Quantity
    unit: Unit
    """UN/CEFACT Rec 20: H87 piece, KGM kilogram, IE person."""
    serials: Annotated[tuple[Identifier, ...], Field(max_length=LINES), AsTuple] = ()


class QuantityLine(Line):
    """How much of a registered line is meant."""

    quantity: Quantity


class HandOverLine(Line):
    """What became of a registered line at a hand-over, as counted there."""

    accepted: Count = 0
    damaged: Count = 0
    missing: Count = 0
    surplus: Count = 0


L = TypeVar("L", bound=Line)


def _each_once(lines: tuple[L, ...]) -> tuple[L, ...]:
    seen: set[int] = set()
    for line in lines:
        if line.line in seen:
            raise BadValue(RefusalReason.BAD_CODE, f"a line is named once: {line.line}")
        seen.add(line.line)
    return lines


T = TypeVar("T")


def _at_least_one(entries: tuple[T, ...]) -> tuple[T, ...]:
    # As a min_length it would also be told where the only entry is wrong, and hide that.
    if not entries:
        raise BadValue(RefusalReason.MISSING_FIELD, "a list here has at least one entry")
    return entries


_EachOnce = AfterValidator(_each_once)
_AtLeastOne = AfterValidator(_at_least_one)
_OneToMany = Field(max_length=LINES, json_schema_extra={"minItems": 1})

ItemLines = Annotated[tuple[ItemLine, ...], _OneToMany, AsTuple, _AtLeastOne, _EachOnce]
SomeItemLines = Annotated[tuple[ItemLine, ...], Field(max_length=LINES), AsTuple, _EachOnce]
QuantityLines = Annotated[tuple[QuantityLine, ...], _OneToMany, AsTuple, _AtLeastOne, _EachOnce]
HandOverLines = Annotated[tuple[HandOverLine, ...], Field(max_length=LINES), AsTuple, _EachOnce]


def demand_people(lines: tuple[ItemLine, ...]) -> None:
    """A deployment's lines count people: BadValue names the first that does not."""
    for place, line in enumerate(lines):
        if line.unit != PERSON:
            says = f"a deployment's lines have the unit {PERSON}: {line.unit}"
            raise BadValue(RefusalReason.BAD_CODE, says, f"lines.{place}.unit")


class Child(Contract):
    """A part that a split moved to a subject of its own, which announces itself."""

    subject_id: Identifier
    lines: QuantityLines
    due_at: Time | None = None


def _each_child_once(children: tuple[Child, ...]) -> tuple[Child, ...]:
    names = [child.subject_id for child in children]
    for name in names:
        if names.count(name) > 1:
            raise BadValue(RefusalReason.BAD_CODE, f"a child is named once: {name}")
    return children


Children = Annotated[
    tuple[Child, ...], _OneToMany, AsTuple, _AtLeastOne, AfterValidator(_each_child_once)
]
