"""Which sinks hear of what, and what a maintenance window keeps back."""

from datetime import timedelta

import pytest

from schemas.times import wire
from services.alerts.core.policy import Policy, Route, Step
from services.alerts.core.routing import Choice, Match, Window
from services.alerts.core.standing import of_book
from services.alerts.processors import Alerts
from tests.unit.alerts.desk import SECOND, START, Desk, delay

HOUR = timedelta(hours=1)
ALL = (Route("log"), Route("webhook"))


def some(*values: str) -> frozenset[str]:
    return frozenset(values)


def to(*sinks: str, **match: object) -> Choice:
    return Choice(Match(**{name: some(*values) for name, values in match.items()}), some(*sinks))  # type: ignore[misc]


def targets(desk: Desk) -> list[str]:
    calls = desk.calls()
    for call in calls:
        desk.answer(call)
    return sorted(call.target for call in calls)


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ((), ["log", "webhook"]),
        ((to("log", severities=["warning"]),), ["log"]),
        ((to("log", severities=["critical"]),), ["log", "webhook"]),
        ((to("log", countries=["EC"]), to("webhook", kinds=["shipment"])), ["log", "webhook"]),
        ((to("log", countries=["EC"], agencies=["EC-PN"]), to("webhook")), ["webhook"]),
        ((to("log", agencies=["US-DHS-HSI"], delays=["delivery_overdue"]),), ["log"]),
        ((to("log", audiences=["on_call"]),), ["log"]),
        ((to(countries=["EC"]),), []),
    ],
)
def test_an_alert_goes_to_all_routes_that_fit_and_else_to_every_sink(choices, expected):
    desk = Desk(*ALL, choices=choices)
    desk.hear(delay())
    desk.wait()
    assert targets(desk) == expected


def test_what_has_no_country_fits_no_country():
    desk = Desk(*ALL, choices=(to("log", countries=["EC"]), to("webhook", severities=["warning"])))
    desk.hear(delay(country=None))
    desk.wait()
    assert targets(desk) == ["webhook"]


def test_who_hears_of_it_later_is_told_that_it_opened_and_who_knows_of_it_hears_the_end():
    choices = (to("log", severities=["warning"]), to("webhook", severities=["critical"]))
    desk = Desk(*ALL, choices=choices)
    desk.hear(delay())
    desk.wait()
    assert targets(desk) == ["log"]
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    calls = {call.target: call for call in desk.calls()}
    assert b"alert.changed" in calls["log"].body
    assert b"alert.opened" in calls["webhook"].body
    for call in calls.values():
        desk.answer(call)
    desk.hear(delay(does="cleared", seq=3, severity="critical"))
    assert targets(desk) == ["log", "webhook"]


def test_a_level_sink_is_shown_what_goes_to_it():
    desk = Desk(choices=(to("alertmanager", severities=["critical"]), to("log")))
    desk.hear(delay())
    desk.wait()
    (warning,) = of_book(desk.book(), desk.at, desk.policy)
    assert not warning.is_for("alertmanager")
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    shown = {s.labels["severity"]: s for s in of_book(desk.book(), desk.at, desk.policy)}
    assert shown["critical"].is_for("alertmanager")
    assert not shown["warning"].is_for("alertmanager")


def window(start: timedelta, end: timedelta, **match: object) -> Window:
    fitting = Match(**{name: some(*values) for name, values in match.items()})  # type: ignore[misc]
    return Window("port strike", fitting, START + start, START + end)


@pytest.mark.parametrize(
    "match",
    [
        {"countries": ["EC"]},
        {"agencies": ["US-DHS-HSI"]},
        {"subjects": ["shipment/EC-AMB-0017"]},
        {"countries": ["EC"], "agencies": ["US-DHS-HSI"]},
    ],
)
def test_what_a_window_holds_back_is_kept_and_told_when_it_ends(match):
    desk = Desk(windows=(window(timedelta(0), HOUR, **match),))
    desk.hear(delay())
    desk.wait()
    assert desk.said() == []
    assert desk.alerts()["delivery_overdue/1"]["inhibited_by"] == "maintenance:port strike"
    desk.wait(HOUR - SECOND)
    desk.wait()
    assert desk.answer_all() == ["alert.opened delivery_overdue warning"]
    assert desk.alerts()["delivery_overdue/1"]["inhibited_by"] is None
    assert desk.audit() == ["raised", "inhibited", "released", "sent"]


def test_other_alerts_are_told_meanwhile():
    desk = Desk(windows=(window(timedelta(0), HOUR, countries=["PE"]),))
    desk.hear(delay())
    desk.wait()
    assert desk.said() == ["alert.opened delivery_overdue warning"]


def test_what_ends_within_the_window_is_never_told():
    desk = Desk(windows=(window(timedelta(0), HOUR, countries=["EC"]),))
    desk.hear(delay())
    desk.wait(HOUR / 2)
    desk.hear(delay(does="cleared", seq=2))
    desk.wait(2 * HOUR)
    assert desk.said() == []


def test_what_was_told_before_rests_and_is_told_again_after():
    opens = window(HOUR, 5 * HOUR, countries=["EC"])
    desk = Desk(
        windows=(opens,), steps=(Step("warning", 1, 2 * HOUR),), remind_every={"warning": 3 * HOUR}
    )
    desk.hear(delay())
    desk.wait()
    assert desk.answer_all() == ["alert.opened delivery_overdue warning"]
    desk.wait(HOUR - SECOND)
    assert desk.alerts()["delivery_overdue/1"]["inhibited_by"] == opens.speaker
    desk.hear(delay(does="changed", seq=2, due_at=wire(START)))
    desk.wait(3 * HOUR)
    assert desk.said() == []
    desk.wait(HOUR)
    desk.wait()
    assert desk.answer_all() == ["alert.changed delivery_overdue warning"]
    desk.wait(2 * HOUR)
    assert desk.answer_all() == ["alert.escalated delivery_overdue warning"]


def test_what_was_told_before_and_did_not_change_is_reminded_of():
    desk = Desk(windows=(window(HOUR, 5 * HOUR, countries=["EC"]),))
    desk.hear(delay())
    desk.wait()
    desk.answer_all()
    desk.wait(HOUR)
    desk.wait(4 * HOUR)
    assert desk.answer_all() == ["alert.reminded delivery_overdue warning"]


def test_a_window_that_a_new_file_took_away_ends_at_the_next_look():
    minutes = timedelta(minutes=10)
    desk = Desk(windows=(window(timedelta(0), 9 * HOUR, countries=["EC"]),), look_again=minutes)
    desk.hear(delay())
    desk.wait()
    key = b"shipment/EC-AMB-0017"
    held = Alerts(desk.policy).on_deadline(key, desk.book(), None, desk.at)
    assert held.deadline == desk.at + minutes
    assert held.state is desk.book()
    without = Alerts(Policy(routes=ALL)).on_deadline(key, desk.book(), None, desk.at + minutes)
    assert without.state is not None
    assert without.state.alerts[0].inhibited_by is None
