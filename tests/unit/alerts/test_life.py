"""An alert opens, changes and resolves; some are told and some are not."""

from datetime import timedelta

import pytest

from services.alerts.core.delay import Audience
from services.alerts.core.policy import Route
from tests.unit.alerts.desk import SECOND, Desk, delay


def test_a_raised_delay_opens_an_alert_and_is_told_after_settling():
    desk = Desk()
    desk.hear(delay())
    assert desk.said() == []
    assert desk.alerts()["delivery_overdue/1"]["status"] == "open"
    desk.wait(SECOND)
    assert desk.said() == ["alert.opened delivery_overdue warning"]


def test_a_change_is_told_once_and_a_resolve_at_once():
    desk = Desk()
    desk.hear(delay())
    desk.wait()
    desk.answer_all()
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    assert desk.answer_all() == ["alert.changed delivery_overdue critical"]
    desk.hear(delay(does="cleared", seq=3, severity="critical"))
    assert desk.answer_all() == ["alert.resolved delivery_overdue critical"]
    alert = desk.alerts()["delivery_overdue/1"]
    assert (alert["status"], alert["because"]) == ("resolved", "happened")
    assert desk.audit() == ["raised", "sent", "changed", "sent", "resolved", "sent"]


def test_nothing_is_said_twice_of_a_repeated_record():
    desk = Desk()
    for _ in range(3):
        desk.hear(delay())
        desk.wait()
        assert len(desk.answer_all()) <= 1
    assert desk.audit() == ["raised", "sent"]
    desk.hear(delay(does="cleared", seq=2), delay(), delay(does="cleared", seq=2))
    desk.wait()
    assert desk.answer_all() == ["alert.resolved delivery_overdue warning"]
    assert desk.alerts()["delivery_overdue/1"]["status"] == "resolved"


def test_a_repeat_long_after_the_end_stays_a_repeat():
    desk = Desk()
    desk.hear(delay())
    desk.wait()
    desk.hear(delay(does="cleared", seq=2))
    desk.answer_all()
    desk.wait(timedelta(hours=1))
    assert desk.book().alerts == ()
    desk.hear(delay(), delay(does="cleared", seq=2))
    desk.wait()
    assert desk.said() == []


def test_a_second_episode_is_an_alert_of_its_own():
    desk = Desk()
    desk.hear(delay())
    desk.wait()
    desk.answer_all()
    desk.hear(delay(does="cleared", seq=2), delay(seq=3, episode=2))
    desk.wait()
    assert desk.answer_all() == [
        "alert.resolved delivery_overdue warning",
        "alert.opened delivery_overdue warning",
    ]
    assert {k: a["status"] for k, a in desk.alerts().items()} == {
        "delivery_overdue/1": "resolved",
        "delivery_overdue/2": "open",
    }


def test_a_change_whose_raise_was_never_heard_opens_the_alert():
    desk = Desk()
    desk.hear(delay(does="changed", seq=4, severity="critical"))
    desk.wait()
    assert desk.said() == ["alert.opened delivery_overdue critical"]


def test_an_end_whose_beginning_was_never_heard_is_only_written_down():
    desk = Desk()
    desk.hear(delay(does="cleared", seq=4))
    desk.wait(timedelta(minutes=5))
    assert desk.said() == []
    assert desk.alerts()["delivery_overdue/1"]["status"] == "resolved"


def test_historic_is_journalled_and_wakes_nobody():
    desk = Desk()
    desk.hear(delay(historic=True), delay(does="cleared", seq=2, historic=True))
    desk.wait(timedelta(hours=2))
    assert desk.said() == []
    assert desk.alerts()["delivery_overdue/1"]["status"] == "resolved"
    assert desk.audit() == ["raised", "resolved"]


def test_what_clears_before_it_was_sent_and_within_a_minute_is_not_sent():
    desk = Desk()
    desk.hear(delay(), delay(does="cleared", seq=2, cleared_at="2026-03-02T00:00:40Z"))
    desk.wait(timedelta(hours=2))
    assert desk.said() == []
    assert desk.audit() == ["raised", "held_back", "resolved"]


def test_what_was_heard_at_once_after_an_outage_but_lasted_is_told_with_its_end():
    desk = Desk()
    desk.hear(delay(), delay(does="cleared", seq=2, cleared_at="2026-03-02T00:30:00Z"))
    assert desk.answer_all() == [
        "alert.opened delivery_overdue warning",
        "alert.resolved delivery_overdue warning",
    ]


@pytest.mark.parametrize(("speed", "told"), [(30_000.0, 0), (1.0, 2), (None, 0)])
def test_the_flap_guard_counts_wall_time_however_fast_business_runs(speed, told):
    desk = Desk(speed=speed)
    desk.hear(delay(), delay(does="cleared", seq=2))  # three days of business
    assert len(desk.answer_all()) == told


def test_what_clears_within_a_minute_but_was_sent_is_resolved():
    desk = Desk()
    desk.hear(delay())
    desk.wait()
    assert desk.said() == ["alert.opened delivery_overdue warning"]
    desk.hear(delay(does="cleared", seq=2, cleared_at="2026-03-02T00:00:05Z"))
    desk.wait(timedelta(minutes=1))
    # The sink never answered the first message: it may know of it all the same.
    assert "alert.opened delivery_overdue warning" in desk.answer_all()
    assert desk.book().outbox == ()


@pytest.mark.parametrize("name", ["contradiction", "conflict", "disputed", "unplanned"])
def test_data_stewards_hear_what_on_call_never_does(name):
    desk = Desk(
        Route("webhook", frozenset({Audience.ON_CALL})),
        Route("log", frozenset({Audience.DATA_STEWARDS})),
    )
    desk.hear(delay(name, milestone=None, severity="info"))
    desk.wait()
    assert [call.target for call in desk.calls()] == ["log"]


def test_on_call_hears_the_rest():
    desk = Desk(Route("webhook", frozenset({Audience.ON_CALL})), Route("log"))
    desk.hear(delay("held", milestone=None, hold_id="H1"))
    desk.wait()
    assert sorted(call.target for call in desk.calls()) == ["log", "webhook"]


def test_the_state_survives_its_codec():
    desk = Desk()
    desk.hear(
        delay(
            next_step={"at": "2026-03-15T00:00:00Z", "severity": "critical", "confidence": "likely"}
        )
    )
    desk.wait()
    before = desk.book()
    desk.driver.restart()
    assert desk.book() == before
    desk.hear(delay(does="cleared", seq=2))
    assert desk.book().outbox[-1].next_at is None  # behind the message that opens it


def test_a_broken_record_is_buried_and_the_subject_goes_on():
    desk = Desk()
    desk.hear({"kind": "shipment", "subject_id": "EC-AMB-0017", "type": "delay_raised"})
    assert [r.topic for r in desk.driver.outputs] == ["chasqui.quarantine"]
    desk.hear(delay())
    assert desk.alerts()
