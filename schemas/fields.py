"""The kinds of field that records are made of: codes, times, numbers, lists."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Annotated, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from schemas import codes
from schemas.times import parse, plausible, wire
from schemas.values import BadValue
from schemas.vocabulary import RefusalReason

QUANTITY_LIMIT: Final = 10**15
LEG_LIMIT: Final = 1000
LINE_LIMIT: Final = 10**9


@dataclass(frozen=True, slots=True)
class Text:
    """A string of one pattern, refused with a sentence: a pattern tells a person nothing."""

    pattern: str
    says: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """A string first, so that a number is told as a wrong type and not as a bad code."""
        patterned = core_schema.custom_error_schema(
            core_schema.str_schema(pattern=self.pattern),
            custom_error_type=RefusalReason.BAD_CODE.value,
            custom_error_message=self.says,
        )
        return core_schema.chain_schema([core_schema.str_schema(strict=True), patterned])

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The pattern and its sentence."""
        return {"type": "string", "pattern": self.pattern, "description": self.says}


@dataclass(frozen=True, slots=True)
class Written:
    """A string that a function judges, where a pattern would be a page of Unicode."""

    judge: Callable[[str], bool]
    longest: int
    says: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """A string first, then the judgement."""
        return core_schema.no_info_after_validator_function(
            self._judged, core_schema.str_schema(strict=True)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Only the length: the sentence tells the rest."""
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "description": self.says,
        }

    def _judged(self, text: str) -> str:
        if not self.judge(text):
            raise BadValue(RefusalReason.BAD_CODE, self.says)
        return text


Publisher = Annotated[
    str,
    Text(codes.PUBLISHER, "a party's code is 1 to 128 letters, digits, '.', '_' or '-'"),
]
Identifier = Annotated[
    str,
    Written(
        codes.is_identifier,
        codes.IDENTIFIER_LIMIT,
        "an id is 1 to 128 printable characters without '/', not blank at either end",
    ),
]
Slug = Annotated[str, Text(codes.SLUG, "a slug is 1 to 128 small letters, digits, '.', '_' or '-'")]
Name = Annotated[
    str,
    Written(codes.is_name, codes.NAME_LIMIT, "a name is 1 to 200 printable characters"),
]
Note = Annotated[
    str,
    Written(codes.is_note, codes.NOTE_LIMIT, "a note is 1 to 1,000 printable characters"),
]
Tcn = Annotated[str, Text(codes.TCN, "a TCN is 1 to 17 capital letters and digits")]
AirWaybill = Annotated[str, Text(codes.AIR_WAYBILL, "an air waybill is written 123-12345678")]
BillOfLading = Annotated[
    str, Text(codes.BILL_OF_LADING, "a bill of lading is 1 to 35 letters, digits, '.', '-' or '/'")
]
Unlocode = Annotated[
    str, Text(codes.UNLOCODE, "a UN/LOCODE is a country and three letters or digits, as ECGYE")
]


def _country(code: str) -> str:
    if code not in codes.COUNTRIES:
        raise BadValue(RefusalReason.BAD_CODE, "a country is an ISO 3166-1 alpha-2 code")
    return code


def _unit(code: str) -> str:
    if code not in codes.UNITS:
        raise BadValue(RefusalReason.BAD_CODE, "a unit is a UN/CEFACT Rec 20 code, as H87 or KGM")
    return code


def _sscc(code: str) -> str:
    if not codes.sscc_is_sound(code):
        raise BadValue(RefusalReason.BAD_CHECK_DIGIT, "the last digit of an SSCC checks the others")
    return code


def _container(code: str) -> str:
    if not codes.container_is_sound(code):
        says = "the last digit of a container number (ISO 6346) checks the others"
        raise BadValue(RefusalReason.BAD_CHECK_DIGIT, says)
    return code


Country = Annotated[
    str,
    Text(r"^[A-Z]{2}$", "a country is an ISO 3166-1 alpha-2 code, as EC"),
    AfterValidator(_country),
]
Unit = Annotated[
    str,
    Text(r"^[A-Z0-9]{1,3}$", "a unit is a UN/CEFACT Rec 20 code, as H87 or KGM"),
    AfterValidator(_unit),
]
Sscc = Annotated[str, Text(codes.SSCC, "an SSCC has 18 digits"), AfterValidator(_sscc)]
Container = Annotated[
    str,
    Text(codes.CONTAINER, "a container number (ISO 6346) is written CSQU3054383"),
    AfterValidator(_container),
]


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


def _number(value: object) -> int | float:
    """An int, or a float that has a fraction, so that equal numbers are written alike."""
    if type(value) is int:
        return value
    if type(value) is not float:
        raise BadValue(RefusalReason.WRONG_TYPE, "a number is wanted, without quotes")
    if not isfinite(value):
        raise BadValue(RefusalReason.BAD_QUANTITY, "a number is finite")
    return int(value) if value.is_integer() else value


def _positive(value: object) -> int | float:
    number = _number(value)
    if not 0 < number < QUANTITY_LIMIT:
        raise BadValue(RefusalReason.BAD_QUANTITY, "a quantity is above 0 and below 1e15")
    return number


def _count(value: object) -> int | float:
    number = _number(value)
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
    number = _number(value)
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


def _listed(value: object) -> object:
    # JSON knows only lists; frozen records keep tuples, which strict validation would not take.
    return tuple(value) if isinstance(value, list) else value


AsTuple = BeforeValidator(_listed)
"""Marks a tuple that is a list on the wire."""
