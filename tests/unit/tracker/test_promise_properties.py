"""Whatever is said of promises and movements: order, repetition and partitions change nothing."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.runtime.memory import MemoryDriver
from services.tracker.codec import StructCodec
from services.tracker.core.commitment import Commitment
from services.tracker.core.promise_view import PromiseView
from tests.support.hearing import hear, in_order_heard, journal_record, tick_record, tracker_job
from tests.support.random_promises import random_promises
from tests.support.telling import Story, day

chances = st.integers(0, 2**32).map(Random)
worlds = st.builds(random_promises, chances, st.integers(1, 4))


def facts(driver: MemoryDriver) -> dict[bytes, PromiseView]:
    """The views without their delays, of what anybody spoke of."""
    states = driver.states("commitments")
    views = ((key, state.view(), state) for key, state in states)
    return {
        key: _without_delays(view)
        for key, view, state in views
        if view.movements or state.history.registers
    }


def _without_delays(view: PromiseView) -> PromiseView:
    return type(view)(*(getattr(view, name) for name in view.__struct_fields__[:-1]), [])


@settings(max_examples=150, deadline=None)
@given(worlds, chances, st.integers(1, 6))
def test_order_and_repetition_do_not_matter(
    stories: list[Story], chance: Random, partitions: int
) -> None:
    heard = in_order_heard(stories)
    again = [*heard, *chance.sample(heard, chance.randrange(len(heard) + 1))]
    chance.shuffle(again)
    driver = MemoryDriver(tracker_job(partitions=partitions))
    for word in again:
        driver.feed(journal_record(word.event, word.heard_at))
    assert not driver.failures
    assert facts(driver) == facts(hear(*stories).driver)


@settings(max_examples=100, deadline=None)
@given(worlds, st.integers(1, 4))
def test_a_restart_after_every_record_changes_nothing(
    stories: list[Story], partitions: int
) -> None:
    one, other = (MemoryDriver(tracker_job(partitions=partitions)) for _ in range(2))
    records = [journal_record(word.event, word.heard_at) for word in in_order_heard(stories)]
    for record in (*records, *(tick_record(day(200), n) for n in range(partitions))):
        one.feed(record)
        other.feed(record)
        other.restart()
    assert one.outputs == other.outputs


@settings(max_examples=100, deadline=None)
@given(worlds)
def test_a_state_survives_its_codec_and_the_sums_hold(stories: list[Story]) -> None:
    codec = StructCodec(Commitment)
    for _, state in hear(*stories, until=200).driver.states("commitments"):
        stored = codec.decode(codec.encode(state))
        assert stored == state
        # What was moved on word by word is what is derived at once of what is stored.
        assert (stored.promise, stored.size) == (state.promise, state.size)
        for line in state.promise.lines:
            assert 0 <= line.moving + line.handed_over <= line.covered
            parts = [part for each in state.counted for part in each.lines]
            mine = [part.covered for part in parts if part.thing == (line.item, line.unit)]
            assert line.covered == sum(mine)
