"""A batch is cut into exact slices, and a broken one is known for broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.core.rows import BrokenArrayError, is_array, rows_of_array, rows_of_lines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.lists(values), st.sampled_from([None, 1]))
def test_every_array_is_cut_into_its_elements(elements: list[object], indent: int | None) -> None:
    body = json.dumps(elements, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert [
        json.loads(row.decode("utf-8", "surrogatepass")) for row in rows_of_array(body)
    ] == elements


def test_an_element_keeps_its_bytes() -> None:
    body = b' [ {"a" : 1.0} ,\n{"b":"],[\\""},\xff ] \n'
    assert list(rows_of_array(body)) == [b'{"a" : 1.0}', b'{"b":"],[\\""}', b"\xff"]


def test_a_trailing_comma_is_an_empty_row() -> None:
    assert list(rows_of_array(b"[1,]")) == [b"1", b""]


@pytest.mark.parametrize("body", [b"[", b'[{"a":1}', b"[1] 2", b"[1}", b'[{"a":1]', b"[[1]"])
def test_a_broken_array(body: bytes) -> None:
    with pytest.raises(BrokenArrayError):
        list(rows_of_array(body))


def test_after_a_quote_without_end_signs_still_count() -> None:
    assert list(rows_of_array(b'[{"a":1}, {"b:1}, 2]')) == [b'{"a":1}', b'{"b:1}', b"2"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("start", [b'["', b'[{"', b'[1, "'])
def test_a_body_of_quotes_is_cut_in_time(start: bytes) -> None:
    with pytest.raises(BrokenArrayError):
        list(rows_of_array(start + b'\\"' * 500_000))


def test_lines_keep_their_bytes_and_blank_lines_are_no_rows() -> None:
    assert list(rows_of_lines(b'{"a":1}\r\n\n  \n\xff\n {"b":2} ')) == [
        b'{"a":1}',
        b"\xff",
        b' {"b":2} ',
    ]


def test_only_a_bracket_makes_an_array() -> None:
    assert is_array(b"\n\t [")
    assert not is_array(b'{"a": []}')
    assert not is_array(b"")
