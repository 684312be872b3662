"""What a history does when more is said than it keeps: it forgets, but nothing that counts."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracker.core.derive import facts_of
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.rules import assess
from services.tracker.core.superseded import fold_away
from services.tracker.core.view import dumps, movement_view
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import Account, in_order_heard, listen
from tests.support.random_stories import random_story
from tests.support.telling import CARRIER, Story, Word, shipment

FEW = replace(DEFAULT_LIMITS, words=6)
stories = st.builds(random_story, st.randoms(use_true_random=False), st.integers(6, 30))
chances = st.integers(0, 2**32).map(Random)


def history_of(account: Account):
    return account.driver.state(MovementsProcessor.name, account.key).history


def estimates(count: int) -> Story:
    """A promise that is in time, and says so again and again under a new name."""
    story = shipment().registered(vest=40).planned("departed", 2).planned("handed_over", 60)
    for number in range(count):
        story = story.estimated("handed_over", 50 + number / 1000, said=1 + number / 100)
    return story


@settings(max_examples=150, deadline=None)
@given(stories)
def test_to_fold_away_changes_neither_facts_nor_latenesses(story: Story) -> None:
    account = listen(story)
    for word in in_order_heard([story]):
        history = history_of(account.hear(word))
        facts = facts_of(history)
        folded = fold_away(history, facts, FEW)
        after = facts_of(folded)
        assert dumps(movement_view(after, ())) == dumps(movement_view(facts, ()))
        assert assess(after, FEW) == assess(facts, FEW)


@settings(max_examples=150, deadline=None)
@given(stories, chances)
def test_a_short_memory_ends_with_the_same(story: Story, chance: Random) -> None:
    """Where each identity is said in one way only: what went is never missed, nor harms again."""
    words = _said_in_one_way(in_order_heard([story]))
    forgetful, perfect = listen(story, FEW), listen(story)
    for account in (forgetful, perfect):
        account.hear(*words)
    assert _what_counts(forgetful) == _what_counts(perfect)
    again = [replace(word, heard_at=words[-1].heard_at) for word in words]
    chance.shuffle(again)
    assert _what_counts(forgetful.hear(*again)) == _what_counts(perfect)
    raised = [r["delay_id"] for r in forgetful.delays if r["type"] == "delay_raised"]
    assert len(raised) == len(set(raised))


def _said_in_one_way(words: list[Word]) -> list[Word]:
    ways: dict[tuple[object, object], Word] = {}
    for word in words:
        ways.setdefault((word.event["publisher"], word.event["event_id"]), word)
    return [word for word in words if word in ways.values() and "retracted" not in word.event]


def _what_counts(account: Account) -> object:
    """The state, the ledger and the milestones, as they stand."""
    if not account.records:
        return None
    seen = account.movement
    milestones = [{**m, "estimated_at": None} for m in seen["milestones"]]
    return [seen[name] for name in ("state", "leg", "lines", "holds", "country")], milestones


def test_estimates_without_end_leave_a_short_history() -> None:
    story = estimates(500)
    account = listen(story).hear(*story.words)
    assert len(history_of(account).registers) <= DEFAULT_LIMITS.words
    assert account.movement["events"] == 503
    handed_over = account.milestone("handed_over")
    assert handed_over is not None
    assert handed_over["estimated_at"].startswith("2026-02-20T11:58")


def test_a_repetition_of_what_went_changes_nothing() -> None:
    story = estimates(200)
    account = listen(story).hear(*story.words)
    written = len(account.outputs)
    account.hear(*(replace(word, heard_at=story.words[-1].heard_at) for word in story.words))
    assert len(account.outputs) == written


def test_a_first_word_is_heard_however_late_it_comes() -> None:
    story = estimates(200)
    late = shipment().departed(2, said=2, heard=20, name="from a box", by=CARRIER).words[0]
    account = listen(story).hear(*story.words, late)
    departed = account.milestone("departed", 1)
    assert departed is not None
    assert departed["reported_by"] == CARRIER


def test_too_many_words_that_all_count_are_set_aside() -> None:
    story = shipment().registered(vest=40)
    for number in range(20):
        story = story.handed_over(3 + number, accepted=1, by=CARRIER)
    limits = replace(DEFAULT_LIMITS, words=6, most_words=10)
    account = listen(story, limits).hear(*story.words)
    assert account.line()["accepted"] == 5
    reasons = [dict(record.headers)["reason"] for record in account.quarantined]
    assert reasons == [b"too_many_events"] * 15
    assert account.movement["last_contact_at"].startswith("2026-01-23")
    corrected = story.revises("handed_over-2", said=30, lines=[{"line": 1, "accepted": 5}])
    assert account.hear(corrected.words[-1]).line()["accepted"] == 9


def test_who_says_too_much_keeps_nobody_else_from_being_heard() -> None:
    story = shipment().registered(vest=40)
    for number in range(20):
        story = story.retracts(f"r{number}", said=2, by=CARRIER, type="departed")
    limits = replace(DEFAULT_LIMITS, words=6, most_words=10)
    account = listen(story, limits).hear(*story.words)
    confirmed = shipment().handed_over(3, accepted=40).confirmed(4, 40).words
    assert account.hear(*confirmed).movement["state"] == "confirmed"


@pytest.mark.parametrize("retracted", ["P1", None])
def test_a_plan_is_never_folded_away(retracted: str | None) -> None:
    story = shipment().registered(vest=40).planned("handed_over", 20, said=1, name="P1")
    story = story.planned("handed_over", 10, said=2, name="P2")
    story = story.planned("handed_over", 40, said=3, name="P3")
    for number in range(200):
        story = story.estimated("handed_over", 50 + number / 1000, said=4 + number / 100)
    story = story if retracted is None else story.retracts(retracted, said=8)
    account = listen(story).hear(*story.words)
    handed_over = account.milestone("handed_over")
    assert handed_over is not None
    assert handed_over["due_at"][:10] == ("2026-01-21" if retracted is None else "2026-01-11")


def test_a_report_that_is_outranked_is_never_folded_away() -> None:
    story = shipment().registered(vest=40).departed(2, name="outranked")
    story = story.departed(3, by=CARRIER, custodian=CARRIER, name="counts")
    for number in range(200):
        story = story.estimated("handed_over", 50 + number / 1000, said=4 + number / 100)
    account = listen(story).hear(*story.words)
    departed = account.milestone("departed", 1)
    assert departed is not None
    assert departed["reported_by"] == CARRIER
    account.hear(story.retracts("counts", said=8, by=CARRIER).words[-1])
    departed = account.milestone("departed", 1)
    assert departed is not None
    assert departed["reported_by"] != CARRIER


def test_lines_without_end_are_set_aside_before_kafka_refuses_the_state() -> None:
    story = shipment().registered(vest=40)
    many = [{"line": number, "accepted": 1} for number in range(1, 101)]
    for number in range(5):
        story = story.handed_over(3 + number, lines=many, by=CARRIER)
    limits = replace(DEFAULT_LIMITS, most_bytes=52_000)
    account = listen(story, limits).hear(*story.words)
    assert account.line()["accepted"] == 3
    reasons = [dict(record.headers)["reason"] for record in account.quarantined]
    assert reasons == [b"too_many_events"] * 2
    retracted = story.retracts("handed_over-2", said=30)
    assert account.hear(retracted.words[-1]).line()["accepted"] == 2
