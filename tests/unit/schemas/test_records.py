"""Ids of what we emit, and fields that nobody knows."""

from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest

from schemas.commands import call_id
from schemas.delays import delay_id
from schemas.refusals import event_of
from schemas.unknown import unknown_fields

DELAY = delay_id("held", "shipment", "EC-ÑU-1", None, None, "H1", 2)


def test_a_delay_id_is_the_uuid5_of_what_it_is_about() -> None:
    name = '["held","shipment","EC-ÑU-1",null,null,"H1",2]'
    assert str(uuid5(uuid5(NAMESPACE_DNS, "chasqui"), name)) == DELAY


def test_another_episode_is_another_delay() -> None:
    assert delay_id("held", "shipment", "EC-ÑU-1", None, None, "H1", 3) != DELAY


def test_a_call_is_known_by_delay_sequence_and_sink() -> None:
    assert call_id(DELAY, 7, "webhook") == str(uuid5(UUID(DELAY), '[7,"webhook"]'))
    with pytest.raises(ValueError, match="badly formed"):
        call_id("no uuid", 7, "webhook")


def test_unknown_fields_are_named_once_and_ignored() -> None:
    raw: dict[str, object] = {
        "publisher": "US-FBI",
        "event_id": "e1",
        "kind": "shipment",
        "subject_id": "S1",
        "type": "handed_over",
        "classifier": "actual",
        "occurred_at": "2026-01-06T09:00:00Z",
        "recorded_at": "2026-01-06T09:00:00Z",
        "lines": [{"line": 1, "colour": "red"}, {"line": 2, "colour": "blue"}],
        "parties": {"driver": "A. N. Other", "owner": None},
        "colour": None,
        "mode": None,
    }
    assert unknown_fields(raw, event_of(raw)) == ("colour", "parties.driver", "lines.colour")
    retraction = {**raw, "retracted": True, "retract_reason": "did_not_occur", "legs": 2}
    assert unknown_fields(retraction, event_of(retraction)) == ("colour", "legs", "parties.driver")
