"""Nobody acts: steps escalate, reminders go out, and a restart forgets neither."""

from datetime import timedelta

import msgspec
import pytest

from schemas.alerts import Alert, escalation_id
from schemas.times import wire
from schemas.topics import ALERTS
from services.alerts.core.policy import Route, Step
from services.alerts.core.standing import of_book
from tests.unit.alerts.desk import SECOND, Desk, delay

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STEPS = (Step("critical", 1, 30 * MINUTE), Step("critical", 2, 2 * HOUR))
OPENED = "alert.opened delivery_overdue critical"
ESCALATED = "alert.escalated delivery_overdue critical"
REMINDED = "alert.reminded delivery_overdue critical"
RESOLVED = "alert.resolved delivery_overdue critical"


def told(*routes: Route, severity: str = "critical", **limits: object) -> Desk:
    desk = Desk(*routes, **{"steps": STEPS, **limits})
    desk.hear(delay(severity=severity))
    desk.wait()
    desk.answer_all()
    return desk


def view(desk: Desk) -> dict[str, object]:
    return desk.alerts()["delivery_overdue/1"]


def data(desk: Desk) -> list[dict[str, object]]:
    """What the messages since last asked hold."""
    calls = desk.calls()
    for call in calls:
        desk.answer(call)
    return [msgspec.json.decode(call.body)["data"] for call in calls]


def test_a_step_that_is_not_acknowledged_is_an_alert_of_its_own():
    desk = told()
    desk.wait(30 * MINUTE - SECOND)
    assert desk.said() == []
    desk.wait(SECOND)
    (said,) = data(desk)
    number = str(delay()["delay_id"])
    assert said["alert_id"] == escalation_id(number, "critical", 1) != number
    assert (said["delay_id"], said["escalation"], said["status"]) == (number, 1, "open")
    assert str(said["sentence"]).endswith("delivery_overdue of EC-AMB-0017.")
    assert view(desk)["escalation"] == 1
    about = [(e["alert_id"], e["action"]) for e in desk.entries()[-3:]]
    assert about == [
        (number, "escalated"),
        (said["alert_id"], "raised"),
        (said["alert_id"], "sent"),
    ]


def test_each_step_is_taken_once():
    desk = told()
    said = []
    for _ in range(20):
        desk.wait(30 * MINUTE)
        said += desk.answer_all()
    assert said == [ESCALATED, ESCALATED]
    assert view(desk)["escalation"] == 2


def test_escalations_end_with_their_alert():
    desk = told()
    desk.wait(30 * MINUTE)
    desk.answer_all()
    desk.hear(delay(does="cleared", seq=2, severity="critical"))
    assert desk.answer_all() == [RESOLVED, RESOLVED]
    ended = [e.ended_at for e in desk.book().alerts[0].escalations]
    assert ended == [desk.at]
    records = [msgspec.json.decode(r.value or b"") for r in desk.written(ALERTS.full_name)]
    last = [r for r in records if r["alert_id"] != r["delay_id"]][-1]
    assert (last["status"], last["escalation"], last["resolved_at"]) == (
        "resolved",
        1,
        wire(desk.at),
    )
    assert Alert.model_validate_json(msgspec.json.encode(last)).because == "happened"


def test_whoever_takes_it_ends_them_and_when_that_expires_they_begin_anew():
    desk = told()
    desk.wait(30 * MINUTE)
    desk.answer_all()
    desk.command("acknowledge", until="2026-03-02T04:00:00Z")
    assert desk.answer_all() == [RESOLVED, "alert.acknowledged delivery_overdue critical"]
    assert view(desk)["escalation"] is None
    desk.wait(timedelta(hours=4) - timedelta(minutes=30, seconds=1))
    assert desk.answer_all() == ["alert.unacknowledged delivery_overdue critical"]
    desk.wait(30 * MINUTE)
    assert desk.answer_all() == [ESCALATED]


def test_steps_are_of_a_severity_and_count_anew_when_it_grows_graver():
    desk = told(severity="warning")
    desk.wait(10 * HOUR)
    assert desk.said() == []
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    assert desk.answer_all() == ["alert.changed delivery_overdue critical"]
    desk.wait(30 * MINUTE - SECOND)
    assert desk.said() == []
    desk.wait(SECOND)
    assert desk.answer_all() == [ESCALATED]


def test_nothing_presses_with_the_time_that_it_waited_when_it_was_less_grave():
    desk = told(severity="warning", remind_every={"critical": 30 * MINUTE})
    desk.wait(30 * MINUTE - SECOND)
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    assert desk.answer_all() == ["alert.changed delivery_overdue critical"]
    assert desk.book().alerts[0].waits_since == desk.at


def test_what_was_escalated_graver_is_not_escalated_again_as_less():
    desk = told(steps=(*STEPS, Step("warning", 1, HOUR)))
    desk.wait(30 * MINUTE)
    desk.answer_all()
    desk.hear(delay(does="changed", seq=2, severity="warning"))
    desk.wait()
    desk.answer_all()
    desk.wait(5 * HOUR)
    desk.wait(MINUTE)
    assert desk.said() == []


def test_a_step_may_have_sinks_of_its_own():
    step = Step("critical", 1, HOUR, frozenset({"webhook"}))
    desk = told(Route("log"), Route("webhook"), steps=(step,))
    desk.wait(HOUR)
    assert [call.target for call in desk.calls()] == ["webhook"]


def test_deadlines_survive_a_restart():
    desk = told()
    desk.driver.restart()
    desk.wait(30 * MINUTE)
    assert desk.answer_all() == [ESCALATED]


def test_after_a_long_absence_it_listens_before_it_presses():
    desk = told(remind_every={"critical": 4 * HOUR})
    desk.driver.restart()
    desk.wait(5 * HOUR)
    assert desk.said() == []
    desk.wait(10 * SECOND)
    assert desk.answer_all() == [ESCALATED, ESCALATED, REMINDED]


@pytest.mark.parametrize("word", ["acknowledge", "cleared"])
def test_what_somebody_did_during_the_absence_is_heard_first(word):
    desk = told()
    desk.driver.restart()
    desk.wait(5 * HOUR)
    if word == "cleared":
        desk.hear(delay(does="cleared", seq=2, severity="critical"))
    else:
        desk.command("acknowledge", at="2026-03-02T02:00:00Z")
    desk.wait(10 * SECOND)
    assert ESCALATED not in desk.answer_all()


def test_data_stewards_are_reminded_and_never_escalated():
    desk = Desk(steps=(Step("info", 1, HOUR),), remind_every={"info": 2 * HOUR})
    desk.hear(delay("conflict", milestone=None, severity="info"))
    desk.wait()
    desk.answer_all()
    desk.wait(2 * HOUR)
    assert desk.answer_all() == ["alert.reminded conflict info"]


def test_what_another_alert_speaks_for_does_not_press():
    desk = Desk(steps=(Step("warning", 1, HOUR),))
    desk.hear(delay("silent", seq=1, milestone=None))
    desk.wait()
    desk.hear(delay(seq=2))
    desk.wait()
    desk.answer_all()
    desk.wait(HOUR)
    assert desk.answer_all() == ["alert.escalated delivery_overdue warning"]


def test_reminders_are_counted_and_stop_when_it_is_taken_or_over():
    desk = told(steps=(), remind_every={"critical": 4 * HOUR})
    for count in range(1, 4):
        desk.wait(4 * HOUR)
        assert desk.answer_all() == [REMINDED]
        assert view(desk)["reminders"] == count
    assert desk.audit().count("reminded") == 3
    desk.command("acknowledge", until="2026-03-09T00:00:00Z")
    desk.answer_all()
    desk.wait(24 * HOUR)
    assert desk.said() == []


def test_a_change_that_was_told_puts_the_reminder_off():
    desk = told(steps=(), remind_every={"critical": 4 * HOUR})
    desk.wait(3 * HOUR)
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    desk.answer_all()
    desk.wait(4 * HOUR - SECOND)
    assert desk.said() == []
    desk.wait(SECOND)
    assert desk.answer_all() == [REMINDED]


def test_what_was_never_told_does_not_press():
    desk = Desk(steps=STEPS, remind_every={"critical": HOUR})
    desk.hear(delay(severity="critical", backlog=True))
    desk.wait(timedelta(days=2))
    assert not [said for said in desk.answer_all() if said.startswith("alert.")]


def test_a_level_sink_shows_an_escalation_beside_its_alert():
    desk = told()
    desk.wait(30 * MINUTE)
    since = desk.at
    alert, escalation = of_book(desk.book(), desk.at, desk.policy)
    assert escalation.labels == {**alert.labels, "escalation": "1"}
    assert (escalation.since, escalation.until) == (since, None)
    assert escalation.annotations["summary"].startswith("Escalated")
    desk.command("acknowledge")
    alert, escalation = of_book(desk.book(), desk.at, desk.policy)
    assert (alert.until, escalation.until) == (None, desk.at)
    desk.wait(15 * MINUTE)
    assert len(list(of_book(desk.book(), desk.at, desk.policy))) == 1
