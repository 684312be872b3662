"""The canonical form, byte for byte as the document of the domain has it."""

from hashlib import sha256

from schemas.canonical import canonical, canonical_hash, derived_event_id
from schemas.refusals import event_of

ARRIVED = {
    "publisher": "US-DHS-HSI",
    "event_id": "e1",
    "kind": "shipment",
    "subject_id": "S1",
    "type": "arrived",
    "classifier": "actual",
    "occurred_at": "2026-02-03T14:20:00.0009-05:00",
    "recorded_at": "2026-02-03T14:31:12.25-05:00",
}


def test_only_the_named_defaults_are_filled() -> None:
    assert canonical(event_of(ARRIVED)).decode() == (
        '{"classifier":"actual","event_id":"e1","kind":"shipment","leg":1,'
        '"occurred_at":"2026-02-03T19:20:00Z","publisher":"US-DHS-HSI",'
        '"recorded_at":"2026-02-03T19:31:12.250Z","retracted":false,'
        '"revised_at":"2026-02-03T19:31:12.250Z","schema_version":1,"subject_id":"S1",'
        '"type":"arrived"}'
    )


def test_what_was_written_is_kept_and_nulls_are_not() -> None:
    handed_over = {
        **ARRIVED,
        "type": "handed_over",
        "leg": 3,
        "mode": None,
        "closed": False,
        "location": {"country": "EC", "name": "Manabí", "lat": -1.0, "lon": None},
        "lines": [{"line": 1.0, "accepted": 2.5, "damaged": 0, "missing": None}],
        "received_at": "2026-02-04T00:00:00Z",
    }
    said = canonical(event_of(handed_over)).decode()
    assert '"closed":false' in said
    assert '"leg":1,' in said
    assert '"lines":[{"accepted":2.5,"damaged":0,"line":1}]' in said
    assert '"location":{"country":"EC","lat":-1,"name":"Manabí"}' in said
    assert "received_at" not in said
    assert "null" not in said


def test_tiny_numbers_keep_their_spelling() -> None:
    place = {"country": "EC", "name": "0.00001 e-5", "lat": 0.00001, "lon": -1.5e-07}
    lines = [{"line": 1, "accepted": 0.000015, "damaged": 0.0001}]
    said = canonical(
        event_of({**ARRIVED, "type": "handed_over", "location": place, "lines": lines})
    ).decode()
    assert '"lat":1e-05,"lon":-1.5e-07,"name":"0.00001 e-5"' in said
    assert '"accepted":1.5e-05,"damaged":0.0001' in said


def test_a_text_that_looks_like_a_time_is_left_alone() -> None:
    text = "2026-02-03T14:20:00.123000Z"
    said = canonical(event_of({**ARRIVED, "occurred_at": text, "event_id": text})).decode()
    assert f'"event_id":"{text}"' in said
    assert '"occurred_at":"2026-02-03T14:20:00.123Z"' in said


def test_a_derived_id_is_the_hash_of_what_is_said() -> None:
    event = event_of({name: ARRIVED[name] for name in ARRIVED if name != "event_id"})
    said = (
        '{"classifier":"actual","kind":"shipment","leg":1,'
        '"occurred_at":"2026-02-03T19:20:00Z","publisher":"US-DHS-HSI","retracted":false,'
        '"schema_version":1,"subject_id":"S1","type":"arrived"}'
    )
    assert event.event_id == sha256(said.encode()).hexdigest()
    assert derived_event_id(event) == event.event_id
    assert f'"event_id":"{event.event_id}"'.encode() in canonical(event)


def test_the_hash_is_sha256_in_hexadecimal() -> None:
    assert canonical_hash(b"{}") == sha256(b"{}").hexdigest()


def test_a_leg_counts_only_where_there_are_legs() -> None:
    rebaselined = {**ARRIVED, "type": "rebaselined", "leg": 2, "at": ARRIVED["recorded_at"]}
    noted = {**rebaselined, "note": "agreed"}
    assert event_of({**ARRIVED, "leg": 2}).leg == 2
    assert event_of({**ARRIVED, "type": "ready", "leg": "two"}).leg == 1
    assert event_of({**noted, "milestone": "arrived"}).leg == 2
    assert event_of({**noted, "milestone": "handed_over"}).leg == 1


def test_a_retraction_needs_little_and_keeps_its_type() -> None:
    retraction = {
        "publisher": "US-FBI",
        "event_id": "e1",
        "kind": "shipment",
        "subject_id": "S1",
        "type": "handed_over",
        "recorded_at": "2026-02-03T00:00:00Z",
        "retracted": True,
        "retract_reason": "incorrect_data",
        "leg": 2,
    }
    assert canonical(event_of(retraction)).decode() == (
        '{"event_id":"e1","kind":"shipment","leg":1,"publisher":"US-FBI",'
        '"recorded_at":"2026-02-03T00:00:00Z","retract_reason":"incorrect_data","retracted":true,'
        '"revised_at":"2026-02-03T00:00:00Z","schema_version":1,"subject_id":"S1",'
        '"type":"handed_over"}'
    )
    assert event_of({**retraction, "type": "departed"}).leg == 2
