"""FILE may be NDJSON, an export, or CSV with a mapping."""

from pathlib import Path

import pytest

from services.cli.errors import CommandError
from services.cli.source_file import Place, SourceRow, open_source, with_place


def file(tmp_path: Path, *lines: bytes, name: str = "events.ndjson") -> Path:
    path = tmp_path / name
    path.write_bytes(b"\n".join(lines))
    return path


def test_lines_keep_their_bytes_and_their_numbers(tmp_path: Path) -> None:
    source = open_source(file(tmp_path, b'{"a": 1}', b"", b"  \xff"), None)
    assert not source.exported
    assert list(source.rows) == [SourceRow(1, b'{"a": 1}'), SourceRow(3, b"\xff")]


def test_an_export_gives_back_the_journals_own_bytes(tmp_path: Path) -> None:
    values = [b'{"a":1e22,"b":"\xc3\xa9"}', b'{"at":"2024-01-01T00:00:00Z","type":"tick"}']
    lines = [with_place(value, Place(3, offset)) for offset, value in enumerate(values)]
    source = open_source(file(tmp_path, *lines), None)
    assert source.exported
    assert [(row.value, row.place) for row in source.rows] == [
        (value, (3, offset)) for offset, value in enumerate(values)
    ]


def test_an_export_written_anew_by_another_program(tmp_path: Path) -> None:
    source = open_source(file(tmp_path, b'{"partition": 2, "offset": 7, "b": 1, "a": 2}'), None)
    assert list(source.rows) == [SourceRow(1, b'{"a":2,"b":1}', Place(2, 7))]


def test_a_strange_line_in_an_export_is_told(tmp_path: Path) -> None:
    source = open_source(file(tmp_path, b'{"a":1,"partition":0,"offset":0}', b'{"a":1}'), None)
    with pytest.raises(CommandError, match=r"Line 2 of .* has no partition"):
        list(source.rows)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert list(open_source(file(tmp_path, b""), None).rows) == []


def test_csv_needs_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--mapping"):
        open_source(file(tmp_path, b"a,b", name="rows.csv"), None)


def test_mapped_rows_are_numbered_by_the_first_row_of_their_group(tmp_path: Path) -> None:
    path = file(tmp_path, b"n,q", b"A,1", b"B,2", b"A,3", name="rows.csv")
    mapping = file(
        tmp_path,
        b'group_by = "n"',
        b"[[events]]",
        b"[events.fields]",
        b'q = { column = "q", as = "number", take = "sum" }',
        name="mapping.toml",
    )
    assert list(open_source(path, mapping).rows) == [
        SourceRow(1, b'{"q":4}'),
        SourceRow(2, b'{"q":2}'),
    ]
