"""Whatever a source writes, what is said decides the bytes, and not how it was written."""

import json
from datetime import datetime, timedelta, timezone
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import canonical, canonical_hash, journal_value, without_ingested_at
from schemas.events import Event
from schemas.refusals import event_of, parse_event
from schemas.times import parse, wire
from tests.unit.schemas.sayings import Raw, moments, offsets, sayings, times


@given(sayings())
def test_the_canonical_form_of_the_canonical_form_is_itself(raw: Raw) -> None:
    data = canonical(event_of(raw))
    assert canonical(parse_event(data)) == data


@given(
    raw=sayings(),
    random=st.randoms(use_true_random=False),
    indent=st.sampled_from([None, 1, "\t"]),
    escaped=st.booleans(),
)
def test_key_order_blanks_and_escapes_do_not_change_the_hash(
    raw: Raw, random: Random, indent: int | str | None, *, escaped: bool
) -> None:
    names = list(raw)
    random.shuffle(names)
    text = json.dumps({name: raw[name] for name in names}, indent=indent, ensure_ascii=escaped)
    assert _hash(parse_event(text.encode())) == _hash(event_of(raw))


@given(sayings(), offsets)
def test_offsets_do_not_change_the_hash(raw: Raw, offset: timezone) -> None:
    elsewhere = {name: _moved(name, value, offset) for name, value in raw.items()}
    assert _hash(event_of(elsewhere)) == _hash(event_of(raw))


@given(sayings())
def test_nulls_unknown_fields_and_stamps_do_not_change_the_hash(raw: Raw) -> None:
    said = {"reason": None, "priority": None, **raw, "colour": "red", "ingested_at": None}
    assert _hash(event_of(said)) == _hash(event_of(raw))


@given(sayings(), times())
def test_an_event_without_an_id_is_known_by_what_it_says(raw: Raw, later: str) -> None:
    event = event_of(raw)
    again = {"recorded_at": raw["recorded_at"], "event_id": event.event_id}
    assert canonical(event_of({**raw, **again})) == canonical(event)
    if "event_id" not in raw:
        assert event_of({**raw, "recorded_at": later}).event_id == event.event_id


@given(sayings(), moments)
def test_the_journal_value_is_the_canonical_form_and_a_stamp(raw: Raw, at: datetime) -> None:
    event = event_of(raw)
    value = journal_value(event, at)
    assert without_ingested_at(value) == canonical(event)
    assert list(json.loads(value)) == sorted(json.loads(value))
    assert canonical(parse_event(value)) == canonical(event)


@given(times())
def test_wire_times_are_cut_to_the_millisecond_and_read_back(text: str) -> None:
    at = parse(text)
    assert parse(wire(at)) == at
    assert at.utcoffset() == timedelta(0)
    assert at.microsecond % 1000 == 0


def _hash(event: Event) -> str:
    return canonical_hash(canonical(event))


def _moved(name: str, value: object, offset: timezone) -> object:
    if not name.endswith("_at") or not isinstance(value, str):
        return value
    return parse(value).astimezone(offset).isoformat()
