"""Somebody takes an alert, gives it back, or says something about it."""

from datetime import timedelta

import msgspec
import pytest

from schemas.alerts import AuditEntry, escalation_id
from schemas.times import wire
from services.alerts.core.policy import Route, Step
from tests.unit.alerts.desk import SECOND, START, Desk, delay

HOUR = timedelta(hours=1)


def told(**limits: object) -> Desk:
    desk = Desk(**limits)
    desk.hear(delay())
    desk.wait()
    desk.answer_all()
    return desk


def view(desk: Desk) -> dict[str, object]:
    return desk.alerts()["delivery_overdue/1"]


def reasons(desk: Desk) -> list[object]:
    return [entry["reason"] for entry in desk.entries() if entry["action"] == "ignored"]


def test_who_took_it_and_until_when_is_told_shown_and_written_down():
    desk = told()
    until = desk.at + HOUR
    desk.command("acknowledge", until=wire(until), note="Calling the carrier.")
    assert desk.answer_all() == ["alert.acknowledged delivery_overdue warning"]
    shown = view(desk)
    assert shown["status"] == "acknowledged"
    assert (shown["acknowledged_by"], shown["acknowledged_until"]) == ("maria", wire(until))
    entry = next(e for e in desk.entries() if e["action"] == "acknowledged")
    assert (entry["by"], entry["until"]) == ("maria", wire(until))
    assert entry["detail"] == "Calling the carrier."


def test_without_an_end_it_holds_as_long_as_the_file_says_from_when_it_was_said():
    desk = told(acknowledged_for=2 * HOUR)
    desk.command("acknowledge", at=wire(desk.at - HOUR))
    assert view(desk)["acknowledged_until"] == wire(desk.at + HOUR)


def test_a_clock_that_is_fast_does_not_lengthen_it():
    desk = told(acknowledged_for=2 * HOUR)
    desk.command("acknowledge", at=wire(desk.at + 5 * HOUR))
    assert view(desk)["acknowledged_until"] == wire(desk.at + 2 * HOUR)


def test_when_it_expires_the_alert_tells_again():
    desk = told()
    desk.command("acknowledge", until=wire(desk.at + HOUR))
    desk.answer_all()
    desk.wait(HOUR - SECOND)
    assert desk.said() == []
    desk.wait(SECOND)
    assert desk.answer_all() == ["alert.unacknowledged delivery_overdue warning"]
    assert view(desk)["status"] == "open"
    assert desk.entries()[-2]["reason"] == "expired"


def test_given_back_it_is_open_again():
    desk = told()
    desk.command("acknowledge")
    desk.command("unacknowledge", note="Wrong one.")
    assert desk.answer_all() == [
        "alert.acknowledged delivery_overdue warning",
        "alert.unacknowledged delivery_overdue warning",
    ]
    assert (view(desk)["status"], view(desk)["acknowledged_by"]) == ("open", None)


def test_what_grows_graver_than_it_was_taken_is_acknowledged_no_more():
    desk = told()
    desk.command("acknowledge")
    desk.answer_all()
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    assert desk.answer_all() == ["alert.changed delivery_overdue critical"]
    assert view(desk)["status"] == "open"
    assert "graver" in [entry["reason"] for entry in desk.entries()]


@pytest.mark.parametrize("severities", [("info",), ("warning",), ("info", "warning")])
def test_what_does_not_grow_graver_stays_acknowledged(severities):
    desk = told()
    desk.command("acknowledge")
    for seq, severity in enumerate(severities, start=2):
        desk.hear(delay(does="changed", seq=seq, severity=severity))
        desk.wait()
    assert view(desk)["status"] == "acknowledged"
    assert desk.answer_all()[-1] == f"alert.changed delivery_overdue {severities[-1]}"


def test_the_end_of_what_was_taken_is_told():
    desk = told()
    desk.command("acknowledge")
    desk.answer_all()
    desk.hear(delay(does="cleared", seq=2))
    assert desk.answer_all() == ["alert.resolved delivery_overdue warning"]
    assert (view(desk)["status"], view(desk)["acknowledged_by"]) == ("resolved", "maria")


def test_a_note_is_written_down_and_wakes_nobody():
    desk = told()
    before = desk.book().alerts[0]
    desk.command("note", note="Seen at the border.")
    assert desk.said() == []
    assert desk.entries()[-1]["action"] == "noted"
    assert desk.entries()[-1]["detail"] == "Seen at the border."
    assert desk.book().alerts[0].acknowledged is before.acknowledged


def test_the_same_word_said_twice_counts_once():
    desk = told()
    at = wire(desk.at)
    desk.command("acknowledge", at=at)
    desk.wait()
    desk.command("unacknowledge")
    desk.answer_all()
    desk.command("acknowledge", at=at)  # the first word, delivered again
    assert view(desk)["status"] == "open"
    assert reasons(desk) == ["repeated"]
    assert desk.said() == []


@pytest.mark.parametrize(
    ("word", "more", "reason"),
    [
        ("acknowledge", {"delay_id": "nothing"}, "no_such_alert"),
        ("acknowledge", {"key": "shipment/UNKNOWN"}, "no_such_alert"),
        ("note", {"key": "country/EC", "note": "Hello"}, "no_such_alert"),
        ("unacknowledge", {}, "not_acknowledged"),
        ("acknowledge", {"until": wire(START)}, "already_over"),
    ],
)
def test_a_word_that_changes_nothing_is_written_down_with_its_reason(word, more, reason):
    desk = told()
    before = desk.book()
    desk.command(word, **more)
    assert reasons(desk) == [reason]
    assert desk.said() == []
    assert desk.book() == before
    assert desk.driver.state("alerts", b"shipment/UNKNOWN") is None
    for entry in desk.entries():
        AuditEntry.model_validate_json(msgspec.json.encode(entry))


def test_to_take_what_one_has_taken_changes_nothing_and_to_prolong_it_does():
    desk = told()
    until = wire(desk.at + HOUR)
    desk.command("acknowledge", until=until)
    desk.wait()
    desk.command("acknowledge", until=until)
    assert reasons(desk) == ["nothing_changed"]
    desk.command("acknowledge", until=wire(desk.at + 2 * HOUR), by="jorge")
    assert view(desk)["acknowledged_by"] == "jorge"


def test_what_is_resolved_cannot_be_taken():
    desk = told()
    desk.hear(delay(does="cleared", seq=2))
    desk.command("acknowledge")
    assert reasons(desk) == ["already_resolved"]


@pytest.mark.parametrize(
    "fault", [{"command": "shout"}, {"by": ""}, {"at": "yesterday"}, {"command": "note"}]
)
def test_what_is_no_command_is_buried(fault):
    desk = told()
    desk.command("acknowledge", **fault)
    assert desk.written("chasqui.quarantine")
    assert view(desk)["status"] == "open"


def test_what_was_taken_before_it_was_told_wakes_nobody_until_it_is_given_back():
    desk = Desk()
    desk.hear(delay())
    desk.command("acknowledge")
    desk.wait(HOUR)
    assert desk.said() == []
    desk.command("unacknowledge")
    desk.wait()
    assert desk.answer_all() == ["alert.opened delivery_overdue warning"]


def test_an_escalation_is_taken_with_its_alert_by_either_name():
    desk = told(steps=(Step("warning", 1, HOUR),))
    desk.wait(HOUR)
    assert desk.answer_all() == ["alert.escalated delivery_overdue warning"]
    desk.command("acknowledge", escalation_id(str(delay()["delay_id"]), "warning", 1))
    assert desk.answer_all() == [
        "alert.resolved delivery_overdue warning",
        "alert.acknowledged delivery_overdue warning",
    ]
    assert view(desk)["status"] == "acknowledged"


def test_every_message_has_an_id_of_its_own():
    desk = told()
    (first,) = desk.driver.calls
    for _ in range(3):
        desk.wait()
        desk.command("acknowledge")
        desk.command("unacknowledge")
        desk.answer_all()
    ids = [call.call_id for call in desk.driver.calls]
    assert len(set(ids)) == len(ids) == 7
    assert ids[0] == first.call_id


def test_only_those_who_heard_of_it_hear_that_it_was_taken():
    desk = Desk(Route("log"), Route("webhook", frozenset()))
    desk.hear(delay())
    desk.wait()
    desk.answer_all()
    desk.command("acknowledge")
    assert [call.target for call in desk.calls()] == ["log"]
