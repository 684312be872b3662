"""Fields that are times, flags and lists."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from schemas.times import parse, plausible, wire
from schemas.values import BadValue
from schemas.vocabulary import RefusalReason


def _time(value: object) -> datetime:
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, datetime):
        return plausible(value)
    raise BadValue(RefusalReason.WRONG_TYPE, "a time is a text, as 2026-02-03T14:20:00-05:00")


Time = Annotated[
    datetime,
    PlainValidator(_time),
    PlainSerializer(wire, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "RFC 3339 with an offset, years 2000 to 2100, kept to the millisecond",
        }
    ),
]


def _flag(value: object) -> object:
    # Python holds 0 for False; JSON does not.
    if not isinstance(value, bool):
        raise BadValue(RefusalReason.WRONG_TYPE, "a flag is true or false")
    return value


Standing = Annotated[Literal[False], BeforeValidator(_flag)]
"""The `retracted` of an event that stands."""


def _listed(value: object) -> object:
    # JSON knows only lists; frozen records keep tuples, which strict validation would not take.
    return tuple(value) if isinstance(value, list) else value


AsTuple = BeforeValidator(_listed)
"""Marks a tuple that is a list on the wire; stands after its length, before what judges it."""
