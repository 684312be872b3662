"""Fields that are numbers: whole where they are integral, never text, never infinite."""

from math import isfinite
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from schemas.values import BadValue
from schemas.vocabulary import RefusalReason

QUANTITY_LIMIT: Final = 10**15
LEG_LIMIT: Final = 1000
LINE_LIMIT: Final = 10**9
_TINY: Final = 0.0001


class Tiny(float):
    """A number below 0.0001, which the canonical form spells as Python does: `1e-05`."""


def _number(value: object) -> int | float:
    """An int, or a float that has a fraction, so that equal numbers are written alike."""
    if type(value) is int:
        return value
    if type(value) is not float:
        raise BadValue(RefusalReason.WRONG_TYPE, "a number is wanted, without quotes")
    if not isfinite(value):
        raise BadValue(RefusalReason.BAD_QUANTITY, "a number is finite")
    return int(value) if value.is_integer() else value


def _said(value: object) -> int | float:
    number = _number(value)
    return Tiny(number) if number and abs(number) < _TINY else number


def _positive(value: object) -> int | float:
    number = _said(value)
    if not 0 < number < QUANTITY_LIMIT:
        raise BadValue(RefusalReason.BAD_QUANTITY, "a quantity is above 0 and below 1e15")
    return number


def _count(value: object) -> int | float:
    number = _said(value)
    if not 0 <= number < QUANTITY_LIMIT:
        raise BadValue(RefusalReason.BAD_QUANTITY, "a count is 0 or more and below 1e15")
    return number


def _ordinal(value: object, last: int) -> int:
    number = _number(value)
    if not isinstance(number, int):
        raise BadValue(RefusalReason.WRONG_TYPE, "an ordinal is a whole number")
    if not 1 <= number <= last:
        raise BadValue(RefusalReason.BAD_CODE, f"an ordinal is a whole number from 1 to {last}")
    return number


def _leg(value: object) -> int:
    return _ordinal(value, LEG_LIMIT)


def _line(value: object) -> int:
    return _ordinal(value, LINE_LIMIT)


def _ignored(_value: object) -> int:
    return 1


def _degrees(value: object, limit: int) -> int | float:
    number = _said(value)
    if not -limit <= number <= limit:
        raise BadValue(RefusalReason.BAD_CODE, f"degrees lie between -{limit} and {limit}")
    return number


def _latitude(value: object) -> int | float:
    return _degrees(value, 90)


def _longitude(value: object) -> int | float:
    return _degrees(value, 180)


def _version(value: object) -> int:
    if _number(value) != 1:
        raise BadValue(RefusalReason.UNKNOWN_VERSION, "schema_version 1 is the only one")
    return 1


Number = int | float
Figure = Annotated[Number, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A number that we reckoned ourselves."""
Quantity = Annotated[
    Number,
    PlainValidator(_positive),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": QUANTITY_LIMIT}),
]
Count = Annotated[
    Number,
    PlainValidator(_count),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": QUANTITY_LIMIT}),
]
Leg = Annotated[
    int,
    PlainValidator(_leg),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LEG_LIMIT}),
]
IgnoredLeg = Annotated[
    int,
    PlainValidator(_ignored),
    WithJsonSchema({"description": "accepted and ignored: only departed and arrived have a leg"}),
]
LineNumber = Annotated[
    int,
    PlainValidator(_line),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LINE_LIMIT}),
]
Latitude = Annotated[
    Number,
    PlainValidator(_latitude),
    WithJsonSchema({"type": "number", "minimum": -90, "maximum": 90}),
]
Longitude = Annotated[
    Number,
    PlainValidator(_longitude),
    WithJsonSchema({"type": "number", "minimum": -180, "maximum": 180}),
]
SchemaVersion = Annotated[
    int, PlainValidator(_version), WithJsonSchema({"type": "integer", "const": 1})
]
