"""What may be said of a promise, and how its own records are shaped."""

import pytest

from schemas.refusals import RefusedEvent, event_of

LINE = {"line": 1, "item": "vest", "quantity": 9, "unit": "H87"}
TERMS = {"lines": [LINE], "due_at": "2026-06-01T00:00:00Z", "recipient": "EC"}
SAID: dict[str, object] = {
    "publisher": "US-FBI",
    "event_id": "e1",
    "kind": "commitment",
    "subject_id": "US-EC-2026-014",
    "classifier": "actual",
    "occurred_at": "2026-01-06T09:00:00Z",
    "recorded_at": "2026-01-06T09:00:00Z",
}
RETRACTION = {
    name: SAID[name] for name in ("publisher", "event_id", "kind", "subject_id", "recorded_at")
} | {"retracted": True, "retract_reason": "incorrect_data"}


@pytest.mark.parametrize("kind", ["commitment", "shipment", "deployment"])
def test_a_promise_and_a_movement_can_be_cancelled_and_that_taken_back(kind: str) -> None:
    assert event_of({**SAID, "kind": kind, "type": "cancelled"}).kind == kind
    assert event_of({**RETRACTION, "kind": kind, "type": "cancelled"}).retracted


@pytest.mark.parametrize("said", [SAID, RETRACTION], ids=["fact", "retraction"])
@pytest.mark.parametrize(("kind", "type"), [("commitment", "departed"), ("shipment", "committed")])
def test_other_words_are_of_one_of_them_only(said: dict[str, object], kind: str, type: str) -> None:
    with pytest.raises(RefusedEvent) as refused:
        event_of({**said, **TERMS, "kind": kind, "type": type})
    assert refused.value.refusal.field == "kind"
