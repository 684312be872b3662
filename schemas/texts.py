"""Fields that are text: codes, ids, names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from schemas import codes
from schemas.personal import personal_text
from schemas.values import BadValue
from schemas.vocabulary import RefusalReason


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
class OneOf:
    """A string of a list that is too long to be told, refused with a sentence."""

    codes: frozenset[str]
    says: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """What stands before it, then the list."""
        listed = core_schema.custom_error_schema(
            core_schema.literal_schema(sorted(self.codes)),
            custom_error_type=RefusalReason.BAD_CODE.value,
            custom_error_message=self.says,
        )
        return core_schema.chain_schema([handler(source), listed])


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


def _impersonal(text: str) -> str:
    found = personal_text(text)
    if found is not None:
        raise BadValue(RefusalReason.PERSONAL_DATA, f"{found} is a person's: leave it out")
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
    AfterValidator(_impersonal),
]
Operator = Annotated[
    str,
    Written(codes.is_name, codes.NAME_LIMIT, "an operator is 1 to 200 printable characters"),
]
"""Who gave a command, as their own directory knows them."""
Note = Annotated[
    str,
    Written(codes.is_note, codes.NOTE_LIMIT, "a note is 1 to 1,000 printable characters"),
    AfterValidator(_impersonal),
]
ContentHash = Annotated[
    str,
    Text(codes.CONTENT_HASH, "a content is the first 32 to 64 hexadecimal digits of its hash"),
]
Tcn = Annotated[str, Text(codes.TCN, "a TCN is 1 to 17 capital letters and digits")]
AirWaybill = Annotated[str, Text(codes.AIR_WAYBILL, "an air waybill is written 123-12345678")]
BillOfLading = Annotated[
    str, Text(codes.BILL_OF_LADING, "a bill of lading is 1 to 35 letters, digits, '.', '-' or '/'")
]
Unlocode = Annotated[
    str, Text(codes.UNLOCODE, "a UN/LOCODE is a country and three letters or digits, as ECGYE")
]


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
    OneOf(codes.COUNTRIES, "a country is an ISO 3166-1 alpha-2 code"),
]
Unit = Annotated[
    str,
    Text(r"^[A-Z0-9]{1,3}$", "a unit is a UN/CEFACT Rec 20 code, as H87 or KGM"),
    OneOf(codes.UNITS, "a unit is a UN/CEFACT Rec 20 code, as H87 or KGM"),
]
Sscc = Annotated[str, Text(codes.SSCC, "an SSCC has 18 digits"), AfterValidator(_sscc)]
Container = Annotated[
    str,
    Text(codes.CONTAINER, "a container number (ISO 6346) is written CSQU3054383"),
    AfterValidator(_container),
]
