"""What no sink took is kept with its reason, and can be sent again as it was."""

from datetime import timedelta

import msgspec
import pytest

from schemas.dead_letters import DeadLetter, Replay
from schemas.topics import DEAD_LETTERS, REPLAYS
from services.alerts.core.dead_letters import decode_dead_letter
from services.runtime.processor import Call, Record
from tests.unit.alerts.desk import Desk, delay
from tests.unit.alerts.test_survey import measured

DAY = timedelta(hours=24)


def opened(**more: object) -> tuple[Desk, Call]:
    desk = Desk()
    desk.hear(delay(**more))  # type: ignore[arg-type]
    desk.wait(timedelta(minutes=2))
    return desk, desk.calls()[0]


def dead(desk: Desk) -> list[Record]:
    return list(desk.written(DEAD_LETTERS.full_name))


def send_again(desk: Desk, letter: Record, times: int = 1) -> None:
    fields = msgspec.json.decode(letter.value or b"")
    names = ("call_id", "sink", "alert_id", "seq")
    said = {name: fields[name] for name in names} | {"by": "maria", "at": "2026-03-02T08:00:00Z"}
    parts = msgspec.json.decode(letter.value or b"", type=dict[str, msgspec.Raw])
    value = msgspec.json.encode(said | {"message": parts["message"]})
    Replay.model_validate_json(value)
    for _ in range(times):
        desk.driver.feed(Record(REPLAYS.full_name, letter.key, value), desk.at)


def test_what_is_refused_is_kept_with_the_answer():
    desk, call = opened()
    desk.answer(call, "refused", status=400, detail="bad")
    (letter,) = dead(desk)
    assert letter.key == call.key
    kept = decode_dead_letter(letter.value or b"")
    assert bytes(kept.message) == call.body
    assert (kept.reason, kept.status, kept.detail, kept.attempts) == ("refused", 400, "bad", 1)
    DeadLetter.model_validate_json(letter.value or b"")


def test_what_nobody_took_for_a_day_is_kept_with_the_last_answer():
    desk, call = opened()
    desk.wait(timedelta(seconds=10))
    desk.answer(call, "retry", status=503, detail="busy")
    desk.wait(DAY)
    assert desk.book().outbox == ()
    (letter,) = dead(desk)
    kept = decode_dead_letter(letter.value or b"")
    assert (kept.reason, kept.status, kept.detail) == ("given_up", 503, "busy")
    assert kept.attempts == 2


def test_what_is_taken_leaves_no_dead_letter():
    desk, call = opened()
    desk.answer(call, "retry", status=503)
    desk.answer(call)
    desk.wait(2 * DAY)
    assert dead(desk) == []


@pytest.mark.parametrize("more", [{}, {"backlog": True}])
def test_a_replay_is_the_same_call_again(more):
    desk, call = opened(**more)
    desk.answer(call, "refused", status=400)
    (letter,) = dead(desk)
    send_again(desk, letter)
    assert desk.calls() == [call]
    assert desk.audit()[-2:] == ["parked", "replayed"]
    desk.answer(call)
    assert desk.audit()[-1] == "sent"


def test_a_replay_is_tried_as_long_as_a_new_message_and_may_die_again():
    desk, call = opened()
    desk.answer(call, "refused", status=400)
    desk.wait(2 * DAY)
    send_again(desk, dead(desk)[0])
    (again,) = desk.calls()
    desk.answer(again, "retry", status=500)
    desk.wait(timedelta(seconds=30))
    assert desk.calls() == [call]
    desk.answer(call, "refused", status=400)
    assert len(dead(desk)) == 2


def test_what_is_on_its_way_is_not_sent_twice():
    desk, call = opened()
    desk.answer(call, "refused", status=400)
    send_again(desk, dead(desk)[0], times=3)
    assert desk.calls() == [call]
    assert desk.audit().count("replayed") == 1


def test_a_replay_waits_for_what_is_said_of_the_same_alert():
    desk, call = opened()
    desk.answer(call, "refused", status=400)
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    (change,) = desk.calls()
    send_again(desk, dead(desk)[0])
    assert desk.calls() == []
    desk.answer(change)
    assert desk.calls() == [call]


def test_a_replay_needs_no_state():
    desk, call = opened()
    desk.answer(call, "refused", status=400)
    other = Desk()
    send_again(other, dead(desk)[0])
    assert other.calls() == [call]


MESSAGE = {"type": "alert.opened", "timestamp": "", "audience": "on_call", "data": {}}
REPLAY = {
    "call_id": "1",
    "sink": "log",
    "alert_id": "1",
    "seq": 1,
    "message": MESSAGE,
    "by": "maria",
    "at": "2026-03-02T08:00:00Z",
}


@pytest.mark.parametrize(
    ("key", "wrong", "failures"),
    [
        (b"shipment/EC-1", {}, 0),
        (b"storm/EC", {}, 0),
        (b"shipment/EC-1", {"call_id": 1}, 1),
        (b"shipment/EC-1", {"seq": -1}, 1),
        (b"shipment/EC-1", {"seq": 2**70}, 1),
        (b"shipment/EC-1", {"message": 1}, 1),
        (b"shipment/EC-1", {"message": MESSAGE | {"audience": "nobody"}}, 1),
        (b"storm/\xff", {}, 1),
    ],
)
def test_what_is_no_replay_is_set_aside(key, wrong, failures):
    desk = Desk()
    desk.driver.feed(Record(REPLAYS.full_name, key, msgspec.json.encode(REPLAY | wrong)), desk.at)
    assert len(desk.driver.failures) == failures
    assert len(desk.calls()) == 1 - failures
    measured(desk)
