"""A FILE of events: NDJSON, an export of the journal, or CSV with a mapping."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from services.cli.errors import CommandError
from services.cli.mapping import load
from services.cli.rows import events_of, read_groups

_APPENDED = re.compile(rb',"partition":(\d+),"offset":(\d+)\}$')


class Place(NamedTuple):
    """Where the journal keeps a record."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One event as the file has it; `row` counts the lines, or a CSV file's data rows, from 1."""

    row: int
    value: bytes
    place: Place | None = None


@dataclass(frozen=True)
class SourceFile:
    """The rows of a file; an export says itself where each stood and is never re-ordered."""

    path: Path
    exported: bool
    rows: Iterator[SourceRow]


def open_source(path: Path, mapping: Path | None) -> SourceFile:
    """Open FILE; CommandError when it can be nothing that this program reads."""
    if mapping is not None:
        return SourceFile(path, exported=False, rows=_mapped_rows(path, mapping))
    if path.suffix.lower() == ".csv":
        message = f"{path} is a CSV file: say with --mapping how its rows become events."
        raise CommandError(message)
    first = next(_lines(path), None)
    exported = first is not None and _placed(first) is not None
    return SourceFile(path, exported, _exported_rows(path) if exported else _lines(path))


def _mapped_rows(path: Path, mapping: Path) -> Iterator[SourceRow]:
    meaning = load(mapping)
    groups = read_groups(path, meaning)
    return (
        SourceRow(group.row, orjson.dumps(event))
        for group in groups
        for event in events_of(group, meaning)
    )


def _lines(path: Path) -> Iterator[SourceRow]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            if text:
                yield SourceRow(number, text)


def _exported_rows(path: Path) -> Iterator[SourceRow]:
    for row in _lines(path):
        placed = _placed(row)
        if placed is None:
            message = (
                f"Line {row.row} of {path} has no partition and offset, as an export's lines do."
            )
            raise CommandError(message)
        yield placed


def _placed(row: SourceRow) -> SourceRow | None:
    """The journal's own bytes and where they stood, or None for a line that is not of an export."""
    found = _APPENDED.search(row.value)
    if found is not None:
        value = row.value[: found.start()] + b"}"
        return SourceRow(row.row, value, Place(int(found[1]), int(found[2])))
    return _parsed_place(row)


def _parsed_place(row: SourceRow) -> SourceRow | None:
    """The same for an export that another program has written anew."""
    try:
        record = orjson.loads(row.value)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    partition, offset = record.pop("partition", None), record.pop("offset", None)
    if not isinstance(partition, int) or not isinstance(offset, int):
        return None
    value = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
    return SourceRow(row.row, value, Place(partition, offset))


def with_place(value: bytes, place: Place) -> bytes:
    """An export's line: the record exactly as the journal has it, and where it stands."""
    return b'%b,"partition":%d,"offset":%d}' % (value[:-1], place.partition, place.offset)
