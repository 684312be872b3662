"""What is cheap in the usual case says exactly what the long way says."""

from collections.abc import Callable, Mapping
from datetime import datetime
from unittest.mock import patch

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import refusals, times, unknown
from schemas.canonical import canonical
from schemas.faults import Refusal
from schemas.refusals import RefusedEvent, event_of
from schemas.unknown import unknown_fields
from schemas.values import BadValue
from tests.unit.schemas.sayings import Raw, sayings
from tests.unit.schemas.sayings import times as wire_times

_USUAL_BUT_WRONG = st.from_regex(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)\n?")
_CHARACTER = st.sampled_from("0129:-+.TtZz \n٢")
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 10**20),
    st.floats(),
    st.text(max_size=5),
    wire_times(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["line", "country", "colour"]), st.text(max_size=3)),
    st.sampled_from(["registered", "committed", "seen", "shipment", "actual", "delivered"]),
)
_FILLED_IN = {"schema_version", "retracted", "leg", "revised_at", "event_id"}
_NOT_KEPT = {"received_at", "colour"}


@st.composite
def _spoilt_times(draw: st.DrawFn) -> str:
    """A time with one character changed."""
    text = draw(wire_times())
    place = draw(st.integers(0, len(text) - 1))
    return text[:place] + draw(_CHARACTER) + text[place + 1 :]


@st.composite
def _spoilt(draw: st.DrawFn) -> Raw:
    """An event of which some fields are something else, missing, unknown or taken back."""
    raw = draw(sayings())
    for name in draw(st.lists(st.sampled_from([*raw, "retracted", "driver"]), max_size=2)):
        if draw(st.booleans()):
            raw[name] = draw(_JUNK)
        else:
            raw.pop(name, None)
    if draw(st.booleans()):
        raw |= {"retracted": True, "retract_reason": "did_not_occur"}
    return raw


@example("2000-12-31T23:30:00-01:00")
@example("2001-01-01T00:00:00+23:59")
@example("2099-12-31T23:59:59.999-23:59")
@example("2100-12-31T23:59:59-05:00")
@example("2026-02-30T12:00:00Z")
@example("2026-02-03T24:00:00Z")
@given(st.one_of(wire_times(), _spoilt_times(), _USUAL_BUT_WRONG))
def test_a_usual_time_is_read_like_any(text: str) -> None:
    assert _read(times.parse, text) == _read(times._parse_any, text)


@given(st.one_of(sayings(), _spoilt()))
def test_the_model_of_the_type_says_what_the_union_says(raw: Raw) -> None:
    short = _judged(raw)
    with patch.object(refusals, "_READERS", {}):
        assert _judged(raw) == short


@given(raw=_spoilt(), in_parts=st.booleans())
def test_unknown_fields_are_not_missed(raw: Raw, *, in_parts: bool) -> None:
    if in_parts:
        raw = {name: _with_driver(said) for name, said in raw.items()}
    try:
        event = event_of(raw)
    except RefusedEvent:
        return
    short = unknown_fields(raw, event)
    with patch.object(unknown, "_all_read", lambda *_: False):
        assert unknown_fields(raw, event) == short


@given(sayings())
def test_the_canonical_form_has_the_fields_that_were_written(raw: Raw) -> None:
    said = orjson.loads(canonical(event_of(raw)))
    assert said.keys() == _written(raw).keys() - _NOT_KEPT | _FILLED_IN
    for part in ("location", "parties", "refs"):
        assert said.get(part, {}).keys() == _written(raw.get(part) or {}).keys()
    for part in ("lines", "children"):
        assert _names(said.get(part)) == _names(raw.get(part))


def _read(parse: Callable[[str], datetime], text: str) -> tuple[object, object]:
    try:
        at = parse(text)
    except BadValue as error:
        return error.reason, error.says
    return at, at.tzinfo


def _judged(raw: Raw) -> tuple[type, object, object] | Refusal:
    try:
        event = event_of(raw)
    except RefusedEvent as error:
        return error.refusal
    return type(event), vars(event), event.model_fields_set


def _with_driver(said: object) -> object:
    if isinstance(said, dict):
        return {**said, "driver": "A. N. Other"}
    return [_with_driver(each) for each in said] if isinstance(said, list) else said


def _written(said: object) -> Mapping[str, object]:
    assert isinstance(said, Mapping)
    return {name: value for name, value in said.items() if value is not None}


def _names(entries: object) -> list[set[str]]:
    return [set(_written(each)) for each in entries] if isinstance(entries, list) else []
