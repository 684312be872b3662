"""The slip ledger: every move of a plan, an estimate or a due date, by whom, when and why."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracker.core.heard import Heard, hear
from services.tracker.core.merge import History, fold
from services.tracker.core.milestones import dues_of
from services.tracker.core.slips import Slip, slips
from tests.support.hearing import journal_record
from tests.support.random_stories import random_story
from tests.support.telling import BEGINNING, OWNER, Story, Word, day, shipment

vests = shipment().registered(vest=40)
stories = st.builds(random_story, st.randoms(use_true_random=False), st.integers(1, 14))
chances = st.integers(0, 2**32).map(Random)


def heard(*words: Word) -> list[Heard]:
    return [hear(journal_record(w.event, w.heard_at).value or b"", w.heard_at) for w in words]


def history_of(said: list[Heard]) -> History:
    history = History("shipment", "EC-1")
    for each in said:
        history, _ = fold(history, each.report, each.digest)
    return history


def ledger(story: Story) -> list[Slip]:
    said = heard(*story.words)
    return slips(history_of(said), said)


def days(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(days=1)


def moves(story: Story) -> list[tuple[object, ...]]:
    """Each move in short: what, from, to, by how much, and how far from the baseline then."""
    return [
        (
            slip.moves,
            *(days(at - BEGINNING) if at else None for at in (slip.from_at, slip.to_at)),
            days(slip.moved),
            days(slip.total),
        )
        for slip in ledger(story)
    ]


def test_a_first_plan_moves_nothing_and_its_revision_does() -> None:
    story = vests.planned("handed_over", 10, name="P").revises("P", said=2, at=20)
    assert moves(vests.planned("handed_over", 10)) == []
    assert moves(story.revises("P", said=3, at=15)) == [
        ("planned", 10, 20, 10, 10),
        ("planned", 20, 15, -5, 5),
    ]


def test_a_move_tells_who_said_it_when_why_and_when_it_became_known() -> None:
    story = vests.planned("handed_over", 10, name="P")
    [slip] = ledger(story.revises("P", said=2, heard=4, at=20, reason="customs"))
    assert (slip.milestone, slip.leg, slip.publisher, slip.event_id) == (
        "handed_over", None, OWNER, "P",
    )  # fmt: skip
    assert (slip.revised_at, slip.known_at, slip.why) == (day(2), day(4), "customs")


def test_another_plan_moves_it_too_and_each_leg_has_its_own() -> None:
    story = vests.planned("departed", 1).planned("departed", 5, leg=2)
    [slip] = ledger(story.planned("departed", 7, leg=2, said=1))
    assert (slip.milestone, slip.leg, days(slip.moved)) == ("departed", 2, 2)


def test_a_first_estimate_moves_away_from_the_plan() -> None:
    story = vests.planned("handed_over", 10).estimated("handed_over", 12, said=1, name="E")
    assert moves(story.revises("E", said=2, at=13)) == [
        ("estimated", 10, 12, 2, 2),
        ("estimated", 12, 13, 1, 3),
    ]
    assert moves(vests.estimated("handed_over", 12, said=1)) == []


def test_the_same_time_again_is_no_move() -> None:
    story = vests.planned("handed_over", 10, name="P").planned("handed_over", 10, said=1)
    assert moves(story.revises("P", said=2, reason="customs")) == []


def test_an_operator_moves_the_due_date_away_from_the_baseline_and_says_why() -> None:
    story = vests.planned("handed_over", 10).rebaselined("handed_over", 15, at=3, name="R")
    assert moves(story) == [("due", 10, 15, 5, 5)]
    [slip] = ledger(story)
    assert (slip.publisher, slip.why) == ("US-OPS", "agreed with the recipient")
    assert moves(story.retracts("R", said=4))[-1] == ("due", 15, 10, -5, 0)
    assert moves(vests.rebaselined("ready", 15, at=3)) == [("due", None, 15, None, None)]


def test_a_retracted_plan_goes_back_to_the_one_before_or_to_none() -> None:
    story = vests.planned("handed_over", 10, name="P").planned("handed_over", 20, said=1, name="Q")
    assert moves(story.retracts("Q", said=2)) == [
        ("planned", 10, 20, 10, 10),
        ("planned", 20, 10, -10, 0),
    ]
    alone = vests.planned("handed_over", 10, name="P").retracts("P", said=2)
    assert moves(alone) == [("planned", 10, None, None, None)]
    [slip] = ledger(alone)
    assert (slip.retracted, slip.why) == (True, "incorrect_data")
    assert moves(alone.planned("handed_over", 30, said=3))[-1] == ("planned", None, 30, None, 0)


def test_what_was_planned_and_happens_under_the_same_name_is_no_move() -> None:
    story = vests.planned("departed", 10, name="D")
    assert moves(story.revises("D", said=11, at=11, classifier="actual")) == []


@settings(max_examples=300, deadline=None)
@given(stories, chances)
def test_the_order_and_repetition_of_words_change_nothing(story: Story, chance: Random) -> None:
    said = heard(*story.words)
    again = [*said, *chance.sample(said, chance.randrange(len(said) + 1))]
    chance.shuffle(again)
    assert slips(history_of(again), again) == slips(history_of(said), said)


plans = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 9), st.integers(0, 60), st.integers(0, 9)),
    min_size=1,
    max_size=9,
)
"""Name, when it was said, planned for, and how much later it was heard."""


@settings(max_examples=300, deadline=None)
@given(plans)
def test_the_moves_of_a_plan_add_up_to_its_distance_from_the_baseline(
    said: list[tuple[str, int, int, int]],
) -> None:
    story = vests
    for name, at, foreseen, later in said:
        story = story.planned("handed_over", foreseen, said=at, heard=at + later, name=name)
    words = heard(*story.words)
    history = history_of(words)
    moved = [slip.moved for slip in slips(history, words) if slip.moved is not None]
    newest = [r.happened_at for r in history.live() if r.classifier == "planned"][-1]
    baseline, _ = dues_of(history.registers, ())["handed_over", 1]
    assert baseline is not None
    assert sum(moved, timedelta()) == newest - baseline.at
    totals = [slip.total for slip in slips(history, words)]
    assert not totals or totals[-1] == newest - baseline.at
