"""Every refusal: its reason, the field's path and the sentence."""

import json
from collections.abc import Mapping

import pytest

from schemas.faults import Refusal
from schemas.refusals import EVENT_BYTES, RefusedEvent, event_of, parse_event
from schemas.vocabulary import RefusalReason

LINE = {"line": 1, "item": "ambulance", "quantity": 20, "unit": "H87"}
REGISTERED = {
    "publisher": "US-DHS-HSI",
    "event_id": "hsi-000380",
    "kind": "shipment",
    "subject_id": "EC-AMB-0017",
    "type": "registered",
    "classifier": "actual",
    "occurred_at": "2026-01-06T09:00:00-05:00",
    "recorded_at": "2026-01-06T09:12:40-05:00",
    "lines": [LINE],
}
HANDED_OVER = {**REGISTERED, "type": "handed_over", "lines": [{"line": 1, "accepted": 20}]}
CHILD = {"subject_id": "A", "lines": [{"line": 1, "quantity": 8}]}
SPLIT = {**REGISTERED, "type": "split", "children": [CHILD]}
COMMITTED = {
    **REGISTERED,
    "type": "committed",
    "kind": "commitment",
    "recipient": "EC",
    "due_at": "2026-03-31T00:00:00Z",
}
REBASELINED = {
    **REGISTERED,
    "type": "rebaselined",
    "milestone": "handed_over",
    "at": "2026-03-15T00:00:00Z",
    "note": "agreed",
}
CONTENT = {"publisher": "US-FBI", "event_id": "x", "content": "0f" * 32}
PREFERRED = {
    **REGISTERED,
    "type": "preferred",
    "doubt": "possible_duplicate",
    "counts": {"publisher": "US-FBI", "type": "lost"},
    "note": "the signed one",
}
CHOSEN = {**PREFERRED, "doubt": "conflict", "counts": CONTENT}
ADOPTED = {**REGISTERED, "type": "adopted", "parties": {"owner": "US-FBI"}, "note": "found"}
RETRACTION = {**HANDED_OVER, "retracted": True, "retract_reason": "did_not_occur"}


def _line(**changes: object) -> list[object]:
    return [{**LINE, **changes}]


REFUSED = [
    (REGISTERED, {"publisher": None}, "missing_field", "publisher"),
    (REGISTERED, {"type": None}, "missing_field", "type"),
    (REGISTERED, {"lines": None}, "missing_field", "lines"),
    (REGISTERED, {"lines": []}, "missing_field", "lines"),
    (REGISTERED, {"lines": [{"line": 1}]}, "missing_field", "lines.0.item"),
    (REGISTERED, {"location": {"name": "Quito"}}, "missing_field", "location.country"),
    (HANDED_OVER, {"event_id": None}, "missing_field", "event_id"),
    (HANDED_OVER, {"lines": None}, "missing_field", "lines"),
    (SPLIT, {"event_id": None}, "missing_field", "event_id"),
    (SPLIT, {"children": []}, "missing_field", "children"),
    (REGISTERED, {"type": "lost", "event_id": None}, "missing_field", "event_id"),
    (REGISTERED, {"type": "merged", "event_id": None}, "missing_field", "event_id"),
    (REGISTERED, {"type": "held", "reason": "customs"}, "missing_field", "hold_id"),
    (REGISTERED, {"type": "held", "hold_id": "H1"}, "missing_field", "reason"),
    (COMMITTED, {"due_at": None}, "missing_field", "due_at"),
    (REBASELINED, {"note": None}, "missing_field", "note"),
    (RETRACTION, {"retract_reason": None}, "missing_field", "retract_reason"),
    (RETRACTION, {"event_id": None}, "missing_field", "event_id"),
    (REGISTERED, {"publisher": 7}, "wrong_type", "publisher"),
    (REGISTERED, {"type": 7}, "wrong_type", "type"),
    (REGISTERED, {"occurred_at": 1770000000}, "wrong_type", "occurred_at"),
    (REGISTERED, {"occurred_at": "yesterday"}, "wrong_type", "occurred_at"),
    (REGISTERED, {"lines": LINE}, "wrong_type", "lines"),
    (REGISTERED, {"lines": ["vest"]}, "wrong_type", "lines.0"),
    (REGISTERED, {"lines": _line(quantity="20")}, "wrong_type", "lines.0.quantity"),
    (REGISTERED, {"lines": _line(quantity=True)}, "wrong_type", "lines.0.quantity"),
    (REGISTERED, {"lines": _line(line=1.5)}, "wrong_type", "lines.0.line"),
    (REGISTERED, {"lines": _line(serials="S1")}, "wrong_type", "lines.0.serials"),
    (REGISTERED, {"lines": _line(serials=[1])}, "wrong_type", "lines.0.serials.0"),
    (REGISTERED, {"location": "Quito"}, "wrong_type", "location"),
    (REGISTERED, {"mode": 1}, "wrong_type", "mode"),
    (REGISTERED, {"retracted": 0}, "wrong_type", "retracted"),
    (REGISTERED, {"retracted": "true"}, "wrong_type", "retracted"),
    (REGISTERED, {"schema_version": "1"}, "wrong_type", "schema_version"),
    (REGISTERED, {"schema_version": True}, "wrong_type", "schema_version"),
    (HANDED_OVER, {"closed": "yes"}, "wrong_type", "closed"),
    (HANDED_OVER, {"closed": 1}, "wrong_type", "closed"),
    (REGISTERED, {"type": "delivered"}, "unknown_type", "type"),
    (RETRACTION, {"type": "delivered"}, "unknown_type", "type"),
    (REGISTERED, {"schema_version": 2}, "unknown_version", "schema_version"),
    (REGISTERED, {"occurred_at": "2026-01-06T09:00:00"}, "naive_time", "occurred_at"),
    (REGISTERED, {"recorded_at": "2026-01-06T09:00:00.5"}, "naive_time", "recorded_at"),
    (COMMITTED, {"due_at": "2026-01-06T09:00:00"}, "naive_time", "due_at"),
    (
        SPLIT,
        {"children": [{**CHILD, "due_at": "2026-01-06T09:00:00"}]},
        "naive_time",
        "children.0.due_at",
    ),
    (REGISTERED, {"occurred_at": "1970-01-01T00:00:00Z"}, "implausible_time", "occurred_at"),
    (REGISTERED, {"revised_at": "2026-01-06T09:12:39-05:00"}, "implausible_time", "revised_at"),
    (RETRACTION, {"revised_at": "2026-01-06T09:12:39-05:00"}, "implausible_time", "revised_at"),
    (REGISTERED, {"lines": _line(quantity=0)}, "bad_quantity", "lines.0.quantity"),
    (REGISTERED, {"lines": _line(quantity=-1)}, "bad_quantity", "lines.0.quantity"),
    (REGISTERED, {"lines": _line(quantity=10**15)}, "bad_quantity", "lines.0.quantity"),
    (REGISTERED, {"lines": _line(quantity=float("inf"))}, "bad_quantity", "lines.0.quantity"),
    (HANDED_OVER, {"lines": [{"line": 1, "damaged": -1}]}, "bad_quantity", "lines.0.damaged"),
    (
        SPLIT,
        {"children": [{**CHILD, "lines": [{"line": 1, "quantity": 0}]}]},
        "bad_quantity",
        "children.0.lines.0.quantity",
    ),
    (REGISTERED, {"publisher": "US FBI"}, "bad_code", "publisher"),
    (REGISTERED, {"publisher": "US-FBI\n"}, "bad_code", "publisher"),
    (REGISTERED, {"publisher": ""}, "bad_code", "publisher"),
    (REGISTERED, {"subject_id": "a/b"}, "bad_code", "subject_id"),
    (REGISTERED, {"subject_id": " a"}, "bad_code", "subject_id"),
    (REGISTERED, {"subject_id": "a\u0000"}, "bad_code", "subject_id"),
    (REGISTERED, {"subject_id": "x" * 129}, "bad_code", "subject_id"),
    (REGISTERED, {"event_id": ""}, "bad_code", "event_id"),
    (REGISTERED, {"kind": "parcel"}, "bad_code", "kind"),
    (REGISTERED, {"kind": "commitment"}, "bad_code", "kind"),
    (COMMITTED, {"kind": "shipment"}, "bad_code", "kind"),
    (RETRACTION, {"kind": "commitment"}, "bad_code", "kind"),
    (REGISTERED, {"mode": "boat"}, "bad_code", "mode"),
    (REGISTERED, {"priority": "asap"}, "bad_code", "priority"),
    (REGISTERED, {"legs": 0}, "bad_code", "legs"),
    (REGISTERED, {"type": "departed", "leg": 0}, "bad_code", "leg"),
    (REGISTERED, {"location": {"country": "UK"}}, "bad_code", "location.country"),
    (REGISTERED, {"location": {"country": "ec"}}, "bad_code", "location.country"),
    (
        REGISTERED,
        {"location": {"country": "EC", "unlocode": "EC-GYE"}},
        "bad_code",
        "location.unlocode",
    ),
    (REGISTERED, {"location": {"country": "EC", "lat": 90.1}}, "bad_code", "location.lat"),
    (REGISTERED, {"location": {"country": "EC", "lon": -181}}, "bad_code", "location.lon"),
    (REGISTERED, {"lines": _line(line=0)}, "bad_code", "lines.0.line"),
    (REGISTERED, {"lines": [LINE, LINE]}, "bad_code", "lines"),
    (REGISTERED, {"lines": _line(unit="PCS")}, "bad_code", "lines.0.unit"),
    (REGISTERED, {"lines": _line(item="Bulletproof vest")}, "bad_code", "lines.0.item"),
    (REGISTERED, {"kind": "deployment"}, "bad_code", "lines.0.unit"),
    (REGISTERED, {"refs": {"sscc": "123"}}, "bad_code", "refs.sscc"),
    (REGISTERED, {"refs": {"container": "CSQ3054383"}}, "bad_code", "refs.container"),
    (REGISTERED, {"refs": {"awb": "045-1234"}}, "bad_code", "refs.awb"),
    (REGISTERED, {"refs": {"tcn": "N" * 18}}, "bad_code", "refs.tcn"),
    (REGISTERED, {"refs": {"bol": "x" * 36}}, "bad_code", "refs.bol"),
    (COMMITTED, {"recipient": "Ecuador"}, "bad_code", "recipient"),
    (SPLIT, {"children": [CHILD, CHILD]}, "bad_code", "children"),
    (
        SPLIT,
        {"children": [{**CHILD, "subject_id": "EC-AMB-0017"}]},
        "bad_code",
        "children.0.subject_id",
    ),
    (REBASELINED, {"milestone": "held"}, "bad_code", "milestone"),
    (REBASELINED, {"note": " "}, "bad_code", "note"),
    (PREFERRED, {"doubt": "inversion"}, "bad_code", "doubt"),
    (PREFERRED, {"counts": {"publisher": "US-FBI", "type": "arrived"}}, "bad_code", "counts.type"),
    (PREFERRED, {"counts": {"publisher": "US-FBI"}}, "missing_field", "counts.type"),
    (PREFERRED, {"counts": {"type": "lost"}}, "missing_field", "counts.publisher"),
    (PREFERRED, {"counts": {**CONTENT, "type": "lost"}}, "bad_code", "counts.event_id"),
    (CHOSEN, {"counts": {**CONTENT, "type": "lost"}}, "bad_code", "counts.type"),
    (CHOSEN, {"counts": {**CONTENT, "content": None}}, "missing_field", "counts.content"),
    (CHOSEN, {"counts": {**CONTENT, "content": "0f" * 15}}, "bad_code", "counts.content"),
    (CHOSEN, {"counts": {**CONTENT, "content": "0F" * 32}}, "bad_code", "counts.content"),
    (CHOSEN, {"note": None}, "missing_field", "note"),
    (ADOPTED, {"parties": None}, "missing_field", "parties"),
    (ADOPTED, {"parties": {"custodian": "EC-PN"}}, "missing_field", "parties.owner"),
    (ADOPTED, {"kind": "deployment"}, "bad_code", "lines.0.unit"),
    (ADOPTED, {"classifier": "planned"}, "bad_classifier", "classifier"),
    (ADOPTED, {"kind": "commitment"}, "bad_code", "kind"),
    (RETRACTION, {"retract_reason": "oops"}, "bad_code", "retract_reason"),
    (REGISTERED, {"refs": {"sscc": "106141412345678907"}}, "bad_check_digit", "refs.sscc"),
    (REGISTERED, {"refs": {"container": "CSQU3054384"}}, "bad_check_digit", "refs.container"),
    (REGISTERED, {"classifier": "planned"}, "bad_classifier", "classifier"),
    (REGISTERED, {"classifier": "certain"}, "bad_classifier", "classifier"),
    (COMMITTED, {"classifier": "estimated"}, "bad_classifier", "classifier"),
    (REGISTERED, {"lines": [{**LINE, "line": n} for n in range(1, 1002)]}, "too_large", "lines"),
]


@pytest.mark.parametrize(("event", "changes", "reason", "field"), REFUSED)
def test_refused(
    event: Mapping[str, object], changes: Mapping[str, object], reason: str, field: str
) -> None:
    refusal = _refused(event, changes)
    assert (refusal.reason, refusal.field) == (reason, field)
    assert refusal.detail
    assert "\n" not in refusal.detail
    assert "Input" not in refusal.detail


NESTED = b'{"a":' * 17 + b"1" + b"}" * 17


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"quantity": NaN}', "not_json"),
        (b'{"quantity": -Infinity}', "not_json"),
        (b'{"name": "\\ud800"}', "not_json"),
        (b'{"a": 1} {"a": 2}', "not_json"),
        (b'{"name": "\xff"}', "not_utf8"),
        (b'{"name": "\xed\xa0\x80"}', "not_utf8"),
        (NESTED, "too_deep"),
        (b"[" * 30000, "too_deep"),
        (b'{"a":"' + b"x" * EVENT_BYTES + b'"}', "too_large"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'"registered"', "wrong_type"),
        (b"{}", "missing_field"),
    ],
)
def test_refused_bytes(data: bytes, reason: str) -> None:
    with pytest.raises(RefusedEvent) as refused:
        parse_event(data)
    assert refused.value.refusal.reason == reason


def test_sixteen_levels_are_not_too_deep() -> None:
    extra = json.loads(b'{"a":' * 15 + b"1" + b"}" * 15)
    parse_event(json.dumps({**REGISTERED, "extra": extra}).encode())
    parse_event(json.dumps({**REGISTERED, "extra": [{}] * 40}).encode())


@pytest.mark.parametrize(
    ("event", "changes", "detail"),
    [
        (
            REGISTERED,
            {"occurred_at": "2026-02-03T14:20:00"},
            "a time needs an offset: 2026-02-03T14:20:00",
        ),
        (REGISTERED, {"publisher": None}, "publisher is missing"),
        (REGISTERED, {"classifier": "planned"}, "classifier is actual: planned"),
        (
            REGISTERED,
            {"mode": "boat"},
            "mode is air, sea, road, rail or inland_water: boat",
        ),
        (REGISTERED, {"lines": LINE}, "lines is an array"),
        (HANDED_OVER, {"closed": 1}, "closed is true or false: 1"),
        (
            REGISTERED,
            {"lines": _line(quantity=-1)},
            "a quantity is above 0 and below 1e15: -1",
        ),
        (REGISTERED, {"subject_id": "a\nb"}, None),
    ],
)
def test_the_detail_is_a_sentence(
    event: Mapping[str, object], changes: Mapping[str, object], detail: str | None
) -> None:
    refusal = _refused(event, changes)
    assert detail is None or refusal.detail == detail
    assert refusal.detail.isprintable()


def test_the_most_fundamental_fault_is_told() -> None:
    faults = {"mode": "boat", "publisher": 7, "recorded_at": None, "type": "x", "schema_version": 2}
    told = []
    for name in ("schema_version", "type", "recorded_at", "publisher", "mode"):
        told.append(_refused(REGISTERED, faults).reason.value)
        del faults[name]
    assert told == ["unknown_version", "unknown_type", "missing_field", "wrong_type", "bad_code"]
    assert event_of({**REGISTERED, **faults}).event_id


def test_a_huge_value_is_not_repeated_in_full() -> None:
    assert len(_refused(REGISTERED, {"subject_id": "x" * 60000}).detail) < 300


def test_reasons_are_the_documents() -> None:
    documented = (
        "not_json not_utf8 too_deep too_large missing_field wrong_type unknown_type "
        "unknown_version naive_time implausible_time future_actual future_recorded bad_quantity "
        "bad_code bad_check_digit bad_classifier not_allowed personal_data too_many_events "
        "conflict broken"
    )
    assert " ".join(RefusalReason) == documented


def _refused(event: Mapping[str, object], changes: Mapping[str, object]) -> Refusal:
    with pytest.raises(RefusedEvent) as refused:
        event_of({**event, **changes})
    return refused.value.refusal
