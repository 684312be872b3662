"""Whatever comes twice or in whatever order, alerts are valid and the right ones are open."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import Alert, AuditEntry
from schemas.topics import ALERTS, AUDIT
from tests.unit.alerts.desk import Desk, delay

PLACES = (
    ("delivery_overdue", {"milestone": "handed_over"}),
    ("silent", {"milestone": None}),
    ("held", {"milestone": None, "hold_id": "H1"}),
    ("milestone_overdue", {"milestone": "arrived", "leg": 1}),
    ("conflict", {"milestone": None}),
)
Word = dict[str, Any]


@st.composite
def tellings(draw: st.DrawFn) -> list[Word]:
    """What a tracker says of one subject, in its order."""
    open_: dict[int, int] = {}
    episodes: dict[int, int] = {}
    words = []
    for seq in range(1, draw(st.integers(1, 14)) + 1):
        at = draw(st.integers(0, len(PLACES) - 1))
        name, place = PLACES[at]
        does = draw(st.sampled_from(("changed", "cleared"))) if at in open_ else "raised"
        if does == "raised":
            open_[at] = episodes[at] = episodes.get(at, 0) + 1
        more = {
            "severity": draw(st.sampled_from(("info", "warning", "critical"))),
            "historic": draw(st.integers(0, 9)) == 0,
            "backlog": draw(st.integers(0, 9)) == 0,
        }
        words.append(delay(name, does, seq, episode=open_[at], **place, **more))
        if does == "cleared":
            del open_[at]
    return words


@st.composite
def heard(draw: st.DrawFn) -> list[tuple[Word, float]]:
    """Those words in any order, any of them again and again, with pauses between."""
    words = draw(tellings())
    again = draw(st.lists(st.sampled_from(words), max_size=10))
    order = draw(st.permutations([*words, *again]))
    pauses = draw(st.lists(st.sampled_from((0.0, 0.5, 5.0, 90.0, 1000.0)), min_size=len(order)))
    return list(zip(order, pauses, strict=False))


@given(heard(), st.sampled_from(("ok", "retry", "refused")))
@settings(max_examples=150, deadline=None)
def test_any_order_and_repetition_leaves_open_what_the_words_above_the_last_seen_imply(
    words: list[tuple[Word, float]], outcome: str
) -> None:
    desk, last, expected = Desk(), 0, {}
    for word, pause in words:
        desk.hear(word)
        desk.wait(timedelta(seconds=pause))
        for call in desk.calls():
            desk.answer(call, outcome)
        if word["seq"] > last:
            last = word["seq"]
            expected[word["delay_id"]] = word
    open_ = {a.delay.delay_id: a.delay.seq for a in desk.book().alerts if a.open}
    assert open_ == {i: w["seq"] for i, w in expected.items() if w["type"] != "delay_cleared"}
    _all_records_are_valid(desk)
    assert desk.driver.failures == []


@given(tellings(), st.data())
@settings(max_examples=100, deadline=None)
def test_words_in_order_with_stretches_said_again_end_as_if_said_once(
    words: list[Word], data: st.DataObject
) -> None:
    twice, once = Desk(), Desk()
    for count, word in enumerate(words, 1):
        twice.hear(word)
        once.hear(word)
        start = data.draw(st.integers(0, count))
        twice.hear(*words[start:count])
    for desk in (twice, once):
        desk.wait()
        desk.said()
    assert twice.book() == once.book()
    assert twice.alerts() == once.alerts()
    assert twice.audit() == once.audit()


@given(heard())
@settings(max_examples=100, deadline=None)
def test_every_message_is_answered_in_the_end_and_ends_what_it_began(
    words: list[tuple[Word, float]],
) -> None:
    desk = Desk()
    said: dict[str, dict[str, str]] = {}
    for word, pause in words:
        desk.hear(word)
        desk.wait(timedelta(seconds=pause))
        _take(desk, said)
    desk.wait(timedelta(hours=2))
    _take(desk, said)
    assert desk.book().outbox == ()
    resolved = {a["delay_id"] for a in desk.alerts().values() if a["status"] == "resolved"}
    for about, messages in said.items():
        news = list(messages.values())
        assert news[0] == "alert.opened"
        assert news.count("alert.opened") == 1 + news[:-1].count("alert.resolved")
        assert (news[-1] == "alert.resolved") == (about in resolved)


def _take(desk: Desk, said: dict[str, dict[str, str]]) -> None:
    while calls := desk.calls():
        for call in calls:
            message = msgspec.json.decode(call.body)
            if message["type"].startswith("alert."):
                messages = said.setdefault(message["data"]["delay_id"], {})
                messages[call.call_id] = message["type"]
            desk.answer(call)


def _all_records_are_valid(desk: Desk) -> None:
    for record in desk.written(ALERTS.full_name):
        alert = Alert.model_validate_json(record.value or b"")
        assert record.key == alert.alert_id.encode()
    for record in desk.written(AUDIT.full_name):
        AuditEntry.model_validate_json(record.value or b"")
