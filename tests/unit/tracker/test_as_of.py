"""What had happened by a moment, with all that is known since."""

from random import Random

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracker.core.as_of import as_of
from services.tracker.core.heard import Heard, hear
from services.tracker.core.learnt import Judge
from services.tracker.core.movement import Movement, opened
from services.tracker.core.rulebook import DEFAULT_BOOK
from services.tracker.core.view import dumps
from tests.support.hearing import hear as tell
from tests.support.hearing import journal_record
from tests.support.random_stories import random_story
from tests.support.telling import BEGINNING, Json, Story, day, shipment

LONG_AFTER = 200
vests = shipment().registered(vest=40)
stories = st.builds(random_story, st.randoms(use_true_random=False), st.integers(1, 14))
chances = st.integers(0, 2**32).map(Random)


def heard(story: Story) -> list[Heard]:
    return [hear(journal_record(w.event, w.heard_at).value or b"", w.heard_at) for w in story.words]


def movement(story: Story, at: float) -> Movement | None:
    known = opened(story.kind, story.subject_id, BEGINNING)
    return as_of(known, heard(story), day(at), Judge(DEFAULT_BOOK))


def view(story: Story, at: float) -> Json:
    found = movement(story, at)
    assert found is not None
    record: Json = orjson.loads(dumps(found.view()))
    return record


def state(story: Story, at: float) -> object:
    return view(story, at)["state"]


def late(story: Story, at: float) -> list[str]:
    delays = view(story, at)["delays"]
    assert isinstance(delays, list)
    return [f"{delay['delay']} {delay['severity']}" for delay in delays]


def test_what_happened_later_had_not_happened() -> None:
    story = vests.departed(5).arrived(8).handed_over(10, 40)
    assert [state(story, at) for at in (4, 5, 8, 10)] == [
        "planned", "in_transit", "arrived", "delivered",
    ]  # fmt: skip


def test_what_was_heard_late_had_happened_all_the_same() -> None:
    story = vests.planned("handed_over", 10).handed_over(10, 40, said=30, heard=30)
    assert (state(story, 12), late(story, 12)) == ("delivered", [])


def test_a_correction_counts_although_it_was_said_later() -> None:
    story = vests.departed(5, name="D").revises("D", said=20, at=7)
    assert [state(story, at) for at in (6, 7)] == ["planned", "in_transit"]
    assert state(vests.departed(5, name="D").retracts("D", said=20), 6) == "planned"


def test_a_plan_counts_as_it_stood() -> None:
    story = vests.planned("handed_over", 10, name="P").revises("P", said=20, at=40)
    assert [_planned(story, at) for at in (15, 20)] == [day(10), day(40)]
    retracted = vests.planned("handed_over", 10, name="P").retracts("P", said=20)
    assert _planned(retracted, 15) == day(10)
    assert _planned(retracted, 20) is None


def test_a_plan_stands_until_it_happens_under_the_same_name() -> None:
    story = vests.planned("departed", 5, name="D")
    story = story.revises("D", said=30, at=8, classifier="actual")
    assert [state(story, at) for at in (7, 8)] == ["planned", "in_transit"]


def test_delays_are_those_of_that_moment() -> None:
    story = vests.planned("handed_over", 10).seen(30).handed_over(30, 40)
    assert late(story, 10.5) == []
    assert late(story, 12) == ["delivery_overdue warning"]
    assert late(story, 29) == ["delivery_overdue critical"]
    assert late(story, 30) == []


def test_contact_is_the_last_until_then() -> None:
    story = vests.departed(5).seen(6).seen(9)
    assert [view(story, at)["last_contact_at"] for at in (5, 8)] == [
        "2026-01-06T00:00:00Z", "2026-01-07T00:00:00Z",
    ]  # fmt: skip


def test_before_all_of_it_there_is_nothing() -> None:
    assert movement(shipment().registered(at=3, vest=40), 2) is None


def _planned(story: Story, at: float) -> object:
    found = movement(story, at)
    assert found is not None
    plans = [report for report in found.history.live() if report.classifier == "planned"]
    return plans[-1].occurred_at if plans else None


@settings(max_examples=300, deadline=None)
@given(stories)
def test_in_the_end_it_is_what_the_tracker_says(story: Story) -> None:
    live = tell(story, until=LONG_AFTER).movement
    past = view(story, LONG_AFTER)
    assert _without_delays(past) == _without_delays(live)
    assert _open(past) == _open(live)


@settings(max_examples=200, deadline=None)
@given(stories, chances)
def test_the_order_of_words_changes_nothing(story: Story, chance: Random) -> None:
    moment = chance.randrange(40)
    words = list(story.words)
    chance.shuffle(words)
    shuffled = Story(story.kind, story.subject_id, tuple(words))
    one, other = movement(story, moment), movement(shuffled, moment)
    assert (one and dumps(one.view())) == (other and dumps(other.view()))


@settings(max_examples=200, deadline=None)
@given(stories, chances)
def test_what_comes_after_a_moment_changes_nothing_of_it(story: Story, chance: Random) -> None:
    moment = chance.randrange(40)
    longer = story.departed(moment + 1, name="later-1").handed_over(moment + 2, 40, name="later-2")
    longer = longer.planned("completed", 3, said=moment + 0.5, name="later-3")
    one, other = movement(story, moment), movement(longer, moment)
    assert (one and dumps(one.view())) == (other and dumps(other.view()))


def _without_delays(record: Json) -> Json:
    return {name: value for name, value in record.items() if name != "delays"}


def _open(record: Json) -> set[tuple[object, ...]]:
    delays = record["delays"]
    assert isinstance(delays, list)
    names = ("delay", "milestone", "leg", "hold_id", "severity", "confidence")
    return {tuple(delay[name] for name in names) for delay in delays}
