"""What holds of any events whatever: order, repetition and restarts change nothing."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.delays import delay_adapter
from schemas.movements import Movement
from schemas.topics import DELAYS, MOVEMENTS
from services.runtime.processor import Record
from services.tracker.codec import StructCodec
from services.tracker.core import movement as core
from services.tracker.core.learnt import Judge
from services.tracker.core.movement import review
from services.tracker.core.rulebook import DEFAULT_BOOK
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import Account, hear, in_order_heard, listen, replay, tick_record
from tests.support.random_stories import random_story
from tests.support.telling import Story, day

LONG_AFTER = 200

stories = st.builds(random_story, st.randoms(use_true_random=False), st.integers(1, 14))
chances = st.integers(0, 2**32).map(Random)


def delays_of(records: list[Record]) -> list[bytes | None]:
    """The records of delays among all that was written."""
    return [record.value for record in records if record.topic == DELAYS.full_name]


@settings(max_examples=300, deadline=None)
@given(stories, chances)
def test_any_permutation_and_repetition_gives_the_same_facts(story: Story, chance: Random) -> None:
    heard = in_order_heard([story])
    again = [*heard, *chance.sample(heard, chance.randrange(len(heard) + 1))]
    chance.shuffle(again)
    assert listen(story).hear(*again).facts == hear(story).facts


@settings(max_examples=200, deadline=None)
@given(stories, chances)
def test_a_late_correction_gives_the_same_facts(story: Story, chance: Random) -> None:
    *earlier, correction = story.words
    before = listen(story).hear(*earlier).wait(LONG_AFTER).hear(correction)
    chance.shuffle(earlier)
    assert before.facts == listen(story).hear(correction, *earlier).facts


@settings(max_examples=200, deadline=None)
@given(stories, st.lists(st.integers(0, 1000)))
def test_replaying_the_journal_gives_the_same_words(story: Story, ticks: list[int]) -> None:
    account = listen(story)
    for place, word in enumerate(in_order_heard([story])):
        account.hear(word)
        if place < len(ticks):
            account.wait(ticks[place] / 10)
    account.wait(LONG_AFTER)
    assert replay(account.records).outputs == account.driver.outputs


@settings(max_examples=150, deadline=None)
@given(stories)
def test_a_restart_after_every_record_changes_nothing(story: Story) -> None:
    undisturbed = hear(story, until=LONG_AFTER)
    restarted = listen(story)
    for record in undisturbed.records:
        restarted.driver.feed(record)
        restarted.driver.restart()
    assert restarted.driver.outputs == undisturbed.driver.outputs


@settings(max_examples=150, deadline=None)
@given(stories, st.lists(st.integers(0, LONG_AFTER), max_size=10))
def test_ticks_change_nothing_but_when_it_is_said(story: Story, ticks: list[int]) -> None:
    undisturbed = hear(story, until=LONG_AFTER)
    between = [tick_record(day(number, hour=1.1)) for number in ticks]
    ticked = sorted([*undisturbed.records[:-1], *between], key=_moment)
    driver = replay([*ticked, undisturbed.records[-1]])
    assert delays_of(driver.outputs) == delays_of(undisturbed.driver.outputs)


@settings(max_examples=150, deadline=None)
@given(stories, st.integers(0, LONG_AFTER))
def test_nothing_is_overlooked_between_deadlines(story: Story, until: int) -> None:
    account = hear(story, until=max(until, 60))
    movement = account.driver.state(MovementsProcessor.name, story.key)
    now = account.driver.time("tracker")
    assert review(movement, Judge(DEFAULT_BOOK), now).delays == []


@settings(max_examples=150, deadline=None)
@given(stories)
def test_a_state_survives_its_codec(story: Story) -> None:
    codec = StructCodec(core.Movement)
    movement = hear(story, until=LONG_AFTER).driver.state(MovementsProcessor.name, story.key)
    decoded = codec.decode(codec.encode(movement))
    assert decoded == movement
    assert decoded.view() == movement.view()


@settings(max_examples=150, deadline=None)
@given(stories)
def test_what_is_written_keeps_the_contract(story: Story) -> None:
    account = hear(story, until=LONG_AFTER)
    for record in account.driver.outputs:
        if record.topic == DELAYS.full_name:
            delay_adapter.validate_json(record.value or b"")
        if record.topic == MOVEMENTS.full_name:
            Movement.model_validate_json(record.value or b"")


@settings(max_examples=150, deadline=None)
@given(stories)
def test_the_ledger_adds_up(story: Story) -> None:
    movement = hear(story).movement
    handed = sum(line["accepted"] + line["damaged"] for line in movement["lines"])
    if movement["state"] in {"delivered", "confirmed"}:
        assert handed > 0
    if movement["state"] in {"lost", "transferred"}:
        assert handed == 0
    for line in movement["lines"]:
        if line["shipped"] is None:
            assert line["outstanding"] is None
            continue
        available = line["shipped"] - line["moved"] - line["lost"]
        left = max(0, available - line["accepted"] - line["damaged"])
        assert 0 <= line["missing"] <= left
        assert line["outstanding"] in {0, left - line["missing"]}


@settings(max_examples=150, deadline=None)
@given(stories)
def test_what_is_told_of_delays_is_in_order(story: Story) -> None:
    account = hear(story, until=LONG_AFTER)
    assert [record["seq"] for record in account.delays] == list(range(1, len(account.delays) + 1))
    _each_delay_lives_once(account)


def _each_delay_lives_once(account: Account) -> None:
    """Raised, perhaps changed, cleared; episodes count from 1; what is open is in the view."""
    open_ids: dict[object, dict[str, object]] = {}
    episodes: dict[tuple[object, ...], int] = {}
    for record in account.delays:
        identity = tuple(record[name] for name in ("delay", "milestone", "leg", "hold_id"))
        if record["type"] == "delay_raised":
            assert record["delay_id"] not in open_ids
            assert record["episode"] == episodes.get(identity, 0) + 1
            episodes[identity] = record["episode"]
            open_ids[record["delay_id"]] = record
        else:
            before = open_ids.pop(record["delay_id"])
            assert record["raised_at"] == before["raised_at"]
            if record["type"] == "delay_changed":
                open_ids[record["delay_id"]] = record
    assert {delay["delay_id"] for delay in account.movement["delays"]} == set(open_ids)


def _moment(record: Record) -> int:
    return int(dict(record.headers)["at"])
