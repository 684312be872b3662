"""A message is kept until a sink took it, refused it, or never answered for a day."""

import itertools
from datetime import timedelta

import msgspec
import pytest

from schemas.commands import call_id
from schemas.topics import DEAD_LETTERS
from services.alerts.core.outbox import MOST_BYTES, given_up, wait_after
from services.alerts.core.policy import Policy, Route
from tests.unit.alerts.desk import SECOND, Desk, delay

HOUR = timedelta(hours=1)


def opened(*routes: Route) -> Desk:
    desk = Desk(*routes)
    desk.hear(delay())
    desk.wait()
    return desk


def test_a_call_is_known_by_delay_seq_and_sink():
    desk = opened()
    (call,) = desk.calls()
    assert call.call_id == call_id(str(delay()["delay_id"]), 1, "log")
    assert call.key == b"shipment/EC-AMB-0017"


def test_the_state_holds_the_moment_to_try_again_before_the_call_is_made():
    desk = opened()
    (call,) = desk.calls()
    (pending,) = desk.book().outbox
    assert pending.next_at == desk.at + timedelta(seconds=10)
    desk.driver.restart()
    desk.wait(timedelta(seconds=10))
    assert desk.calls() == [call]


def test_nothing_is_repeated_once_it_was_taken():
    desk = opened()
    desk.answer(desk.calls()[0])
    desk.wait(timedelta(hours=30))
    assert desk.calls() == []


def test_a_sink_that_cannot_is_tried_ever_more_rarely_and_given_up_after_a_day():
    desk = opened()
    (first,) = desk.calls()
    tries = [desk.at]
    for _ in range(24 * 60 * 6 + 60):
        desk.wait(timedelta(seconds=10))
        for call in desk.calls():
            assert call == first
            tries.append(desk.at)
            desk.answer(call, "retry", status=503)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert max(gaps) <= HOUR + timedelta(seconds=20)
    assert min(gaps) >= timedelta(seconds=10)
    assert 24 < len(tries) < 120
    assert desk.book().outbox == ()
    assert desk.audit() == ["raised", "parked"]


def test_a_sink_that_comes_back_hears_what_began_and_ended_meanwhile():
    desk = opened()
    desk.answer(desk.calls()[0], "retry", status=500)
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    desk.hear(delay(does="cleared", seq=3, severity="critical"))
    assert desk.said() == []  # in line behind the first
    desk.wait(HOUR)
    assert desk.answer_all() == [
        "alert.opened delivery_overdue warning",
        "alert.changed delivery_overdue critical",
        "alert.resolved delivery_overdue critical",
    ]


def test_one_sink_does_not_wait_for_another():
    desk = opened(Route("log"), Route("webhook"))
    for call in desk.calls():
        desk.answer(call, "ok" if call.target == "log" else "retry")
    desk.hear(delay(does="cleared", seq=2))
    assert [call.target for call in desk.calls()] == ["log"]


def test_what_is_refused_is_parked_and_the_next_goes_out():
    desk = opened()
    desk.answer(desk.calls()[0], "refused", status=400, detail="bad")
    assert desk.audit() == ["raised", "parked"]
    desk.hear(delay(does="cleared", seq=2))
    assert desk.answer_all() == ["alert.resolved delivery_overdue warning"]


def test_retry_after_is_honoured():
    desk = opened()
    again = desk.at + timedelta(minutes=7)
    desk.answer(desk.calls()[0], "retry", status=429, retry_at=again.isoformat())
    desk.wait(again - desk.at - SECOND)
    assert desk.calls() == []
    desk.wait(2 * SECOND)
    assert len(desk.calls()) == 1


def test_the_oldest_of_a_subject_that_flaps_through_an_outage_leave_before_it_grows_too_large():
    desk = opened()
    counted = 0
    for episode in range(2, 60):
        before = desk.book()
        more = {"episode": episode, "sentence": "x" * 20_000}
        desk.hear(delay(seq=2 * episode, **more))
        desk.wait(timedelta(minutes=2))
        desk.hear(delay(does="cleared", seq=2 * episode + 1, **more))
        now = desk.book().outbox
        assert sum(len(message.body) for message in now) <= MOST_BYTES
        counted += len(given_up(before.outbox, now, desk.at, desk.policy))
    letters = [
        msgspec.json.decode(each.value or b"") for each in desk.written(DEAD_LETTERS.full_name)
    ]
    assert {letter["reason"] for letter in letters} == {"crowded_out"}
    on_the_way = [message.call_id for message in desk.book().outbox]
    assert counted == len(letters) == 1 + 2 * 58 - len(on_the_way)
    assert {letter["call_id"] for letter in letters}.isdisjoint(on_the_way)
    desk.calls()
    desk.wait(HOUR)
    said = desk.answer_all()
    assert len(said) == len(on_the_way)
    assert said[-1] == "alert.resolved delivery_overdue warning"


def test_an_answer_to_a_call_nobody_knows_changes_nothing():
    desk = opened()
    call = desk.calls()[0]
    before = desk.book()
    desk.answer(call._replace(call_id="6a8f2c1e-0000-5000-8000-000000000000"))
    desk.answer(call._replace(key=b"shipment/UNKNOWN"))
    assert desk.book() == before
    assert desk.driver.state("alerts", b"shipment/UNKNOWN") is None


def test_after_a_long_absence_there_is_one_try_and_not_one_for_each_that_was_missed():
    desk = opened()
    desk.calls()
    desk.driver.restart()
    desk.wait(timedelta(hours=5))
    assert len(desk.calls()) == 1


@pytest.mark.parametrize("attempts", range(1, 40))
def test_the_wait_is_the_same_for_the_same_try_and_within_bounds(attempts):
    policy = Policy()
    wait = wait_after(attempts, "a", policy)
    assert wait == wait_after(attempts, "a", policy)
    assert policy.retry_first <= wait <= policy.retry_most
    if attempts == 1:
        assert wait == timedelta(seconds=10)
    else:
        assert wait != wait_after(attempts, "b", policy)
