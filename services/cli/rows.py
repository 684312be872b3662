"""The rows of a CSV file, made into events by a mapping."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, reduce
from operator import add
from pathlib import Path

from services.cli.errors import CommandError
from services.cli.mapping import BareDate, EventMapping, FieldSource, FileMapping
from services.cli.slug import slug

Row = dict[str, str]
Value = str | int | float | bool | datetime
JsonObject = dict[str, object]

_CODE_LIMIT, _SLUG_LIMIT = 64, 128
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Group:
    """Rows that tell of one subject; `row` is the number of the first, counted from 1."""

    row: int
    rows: list[Row]


def read_groups(path: Path, mapping: FileMapping) -> list[Group]:
    """Read a CSV file into groups, in the order of their first rows; CommandError if it cannot."""
    groups: dict[tuple[str, ...], Group] = {}
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            reader = csv.DictReader(file, delimiter=mapping.delimiter, strict=True)
            _check_columns(path, reader.fieldnames or (), mapping)
            for number, row in enumerate(reader, 1):
                _check_width(path, number, row)
                key = tuple(row[column] for column in mapping.group_by)
                groups.setdefault(key, Group(number, [])).rows.append(row)
    except (UnicodeDecodeError, LookupError, csv.Error) as error:
        message = f"{path} cannot be read as CSV: {error}."
        raise CommandError(message) from error
    return list(groups.values())


def _check_columns(path: Path, header: Sequence[str], mapping: FileMapping) -> None:
    for place, column in mapping.columns():
        if column not in header:
            raise CommandError(
                f"{path} has no column {column!r}, which the mapping names at {place};"
                f" it has {', '.join(header)}."
            )


def _check_width(path: Path, number: int, row: Row) -> None:
    if None in row or None in row.values():
        message = f"Row {number} of {path} does not have as many values as the header."
        raise CommandError(message)


def events_of(group: Group, mapping: FileMapping) -> Iterator[JsonObject]:
    """The events of one group, in the mapping's order."""
    for event in mapping.events:
        if all(any(row[column] for row in group.rows) for column in event.only_with):
            yield _event(event, group.rows, mapping)


def _event(event: EventMapping, rows: list[Row], mapping: FileMapping) -> JsonObject:
    made: JsonObject = {}
    for path, source in {**mapping.common, **event.fields}.items():
        _put(made, path, _taken(source, rows, mapping.bare_date))
    if event.lines:
        made["lines"] = [_line(event, number, row, mapping) for number, row in enumerate(rows, 1)]
    return made


def _line(event: EventMapping, number: int, row: Row, mapping: FileMapping) -> JsonObject:
    line: JsonObject = {}
    for path, source in event.lines.items():
        _put(line, path, number if source.row else _taken(source, [row], mapping.bare_date))
    return line


def _put(made: JsonObject, path: str, value: Value | None) -> None:
    """Set a dotted field; nothing is set where the row says nothing."""
    if value is None:
        return
    *outer, last = path.split(".")
    for name in outer:
        made = made.setdefault(name, {})  # type: ignore[assignment]
    made[last] = value.isoformat() if isinstance(value, datetime) else value


def _taken(source: FieldSource, rows: list[Row], bare_date: BareDate | None) -> Value | None:
    if source.constant is not None:
        return source.constant
    read = (_read(source, row, source.bare_date or bare_date) for row in rows)
    values = [value for value in read if value is not None]
    return _aggregate(source, values) if values else None


def _aggregate(source: FieldSource, values: list[Value]) -> Value:
    if source.take in {"first", "last"}:
        return values[0 if source.take == "first" else -1]
    # A value that could not be read stays as it is, so that admission refuses it by name.
    wanted = str if source.form in {"text", "code", "slug"} else (datetime, int, float)
    alike = [value for value in values if isinstance(value, wanted)]
    if len(alike) < len(values):
        return next(value for value in values if not isinstance(value, wanted))
    if source.take == "sum":
        return reduce(add, alike)
    return (min if source.take == "min" else max)(alike)


def _read(source: FieldSource, row: Row, bare_date: BareDate | None) -> Value | None:
    text = source.join.join(part for part in (row[name].strip() for name in source.reads()) if part)
    text = source.values.get(text, text)
    return _formed(source, text, bare_date) if text else None


def _formed(source: FieldSource, text: str, bare_date: BareDate | None) -> Value:
    match source.form:
        case "text":
            return source.prefix + text
        case "integer" | "number":
            return _number(text)
        case "boolean":
            return _TRUTH.get(text.lower(), text)
        case "time":
            return _time(source, text, bare_date)
        case "code":
            return source.prefix + slug(text, "-", _CODE_LIMIT).upper()
        case "slug":
            return source.prefix + slug(text, "_", _SLUG_LIMIT)


def _number(text: str) -> Value:
    if _NUMBER.fullmatch(text) is None:
        return text
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _time(source: FieldSource, text: str, bare_date: BareDate | None) -> Value:
    try:
        if source.format is not None:
            at = datetime.strptime(text, source.format)  # noqa: DTZ007 - the offset is added below
            bare = not re.search(r"%[HIpMScXT]", source.format)
        else:
            at, bare = datetime.fromisoformat(text), _DATE.fullmatch(text) is not None
        if bare_date is not None:
            at = _with_offset(at, bare_date, bare=bare)
        return at + source.shift
    except (ValueError, OverflowError):
        return text


def _with_offset(at: datetime, meaning: BareDate, *, bare: bool) -> datetime:
    if bare:
        at = datetime.combine(at.date(), meaning.time)
    return at if at.tzinfo is not None else at.replace(tzinfo=_zone(meaning.offset))


@cache
def _zone(offset: str) -> tzinfo | None:
    return datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo
