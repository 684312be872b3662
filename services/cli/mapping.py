"""A mapping: how the rows of a CSV file become events, told in TOML."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from services.cli.errors import CommandError

_SHIFT = re.compile(r"([+-]?\d+) (minute|hour|day|week)s?")
_OFFSET = re.compile(r"Z|[+-]\d\d:\d\d")
_SAYS_WHENCE = ("column", "columns", "constant", "row")

Form = Literal["text", "integer", "number", "boolean", "time", "code", "slug"]
Take = Literal["first", "last", "min", "max", "sum"]


def _shift(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SHIFT.fullmatch(value)
    if found is None:
        message = f"a shift looks like '-60 days' or '+12 hours', not {value!r}"
        raise ValueError(message)
    return timedelta(**{found[2] + "s": int(found[1])})


def _offset(value: str) -> str:
    if _OFFSET.fullmatch(value) is None:
        message = f"an offset looks like 'Z' or '-05:00', not {value!r}"
        raise ValueError(message)
    return value


Shift = Annotated[timedelta, BeforeValidator(_shift)]
Offset = Annotated[str, AfterValidator(_offset)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class BareDate(_Strict):
    """The time of day and the offset that a date without them means."""

    time: time
    offset: Offset


class FieldSource(_Strict):
    """Where one field of an event comes from and how its text is read."""

    column: str | None = None
    columns: tuple[str, ...] = ()
    constant: bool | int | float | str | None = None
    row: bool = False
    take: Take = "first"
    form: Form = Field(default="text", alias="as")
    values: Mapping[str, str] = Field(default_factory=dict, alias="map")
    prefix: str = ""
    join: str = "-"
    shift: Shift = timedelta(0)
    format: str | None = None
    bare_date: BareDate | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in _SAYS_WHENCE if name in self.model_fields_set]
        if len(given) != 1:
            message = f"name exactly one of {', '.join(_SAYS_WHENCE)}; here: {', '.join(given)}"
            raise ValueError(message)
        timely = self.shift or self.format is not None or self.bare_date is not None
        if timely and self.form != "time":
            message = "shift, format and bare_date need as = 'time'"
            raise ValueError(message)
        return self

    def reads(self) -> tuple[str, ...]:
        """The columns that the field is made of."""
        return (self.column,) if self.column is not None else self.columns


def _flat(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Fields by their dotted names; a table that says whence a value comes is a field."""
    if path and (
        not isinstance(value, dict) or not value or not value.keys().isdisjoint(_SAYS_WHENCE)
    ):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))


def _flattened(value: object) -> object:
    return dict(_flat(value)) if isinstance(value, dict) else value


Fields = Annotated[Mapping[str, FieldSource], BeforeValidator(_flattened)]


class EventMapping(_Strict):
    """One event that every group of rows makes."""

    fields: Fields
    lines: Fields = Field(default_factory=dict)
    only_with: tuple[str, ...] = ()


class FileMapping(_Strict):
    """How a file's rows are grouped, and the events each group makes, in order."""

    group_by: Annotated[
        tuple[str, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
        Field(min_length=1),
    ]
    events: tuple[EventMapping, ...] = Field(min_length=1)
    common: Fields = Field(default_factory=dict)
    bare_date: BareDate | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"

    @model_validator(mode="after")
    def _times_are_told(self) -> Self:
        for path, source in self.sources():
            if source.form == "time" and source.bare_date is None and self.bare_date is None:
                message = f"{path} is a time: say what a bare date means (bare_date)"
                raise ValueError(message)
        return self

    def sources(self) -> Iterator[tuple[str, FieldSource]]:
        """Every field of the mapping with the place where it stands."""
        for name, source in self.common.items():
            yield f"common.{name}", source
        for number, event in enumerate(self.events, 1):
            for name, source in event.fields.items():
                yield f"events {number}.fields.{name}", source
            for name, source in event.lines.items():
                yield f"events {number}.lines.{name}", source

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every column the mapping reads with the place that names it."""
        yield from (("group_by", column) for column in self.group_by)
        for path, source in self.sources():
            yield from ((path, column) for column in source.reads())
        for number, event in enumerate(self.events, 1):
            yield from ((f"events {number}.only_with", column) for column in event.only_with)


def load(path: Path) -> FileMapping:
    """Read a mapping; CommandError names the place and what is wrong there."""
    try:
        return FileMapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"The mapping {path} is not TOML: {error}."
        raise CommandError(message) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top"
        what = first["msg"].removeprefix("Value error, ")
        message = f"The mapping {path} is wrong at {place}: {what}."
        raise CommandError(message) from error
