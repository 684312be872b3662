"""The baseline is frozen: re-planning hides no slip."""

from itertools import permutations

from tests.support.hearing import Account, hear, listen
from tests.support.telling import CARRIER, Story, shipment

vests = shipment().registered(vest=40)
DAY_10, DAY_20 = "2026-01-11T00:00:00Z", "2026-01-21T00:00:00Z"


def due(account: Account) -> tuple[object, object, object]:
    """Baseline, due and newest plan of the hand-over."""
    found = account.milestone("handed_over")
    return (found["baseline_at"], found["due_at"], found["planned_at"]) if found else (None,) * 3


def test_the_first_plan_is_the_baseline_and_is_due() -> None:
    assert due(hear(vests.planned("handed_over", 10))) == (DAY_10, DAY_10, DAY_10)


def test_a_revision_of_the_plan_does_not_move_the_baseline() -> None:
    story = vests.planned("handed_over", 10, name="P").revises("P", said=2, at=20)
    assert due(hear(story)) == (DAY_10, DAY_10, DAY_20)


def test_nor_does_it_when_the_revision_is_heard_first() -> None:
    story = vests.planned("handed_over", 10, name="P").revises("P", said=2, at=20)
    registered, plan, revision = story.words
    assert due(listen(story).hear(registered, revision, plan)) == (DAY_10, DAY_10, DAY_20)


def test_a_second_plan_does_not_move_it() -> None:
    story = vests.planned("handed_over", 10).planned("handed_over", 20, said=1)
    assert due(hear(story)) == (DAY_10, DAY_10, DAY_20)


def test_the_earliest_first_revision_counts_not_the_first_heard() -> None:
    story = vests.planned("handed_over", 20, said=1).planned("handed_over", 10, said=0, heard=5)
    assert due(hear(story)) == (DAY_10, DAY_10, DAY_20)


def test_first_words_said_at_once_are_ranked_by_publisher_then_event_id() -> None:
    by_code = vests.planned("handed_over", 20).planned("handed_over", 10, by=CARRIER)
    assert due(hear(by_code))[0] == DAY_10
    by_name = vests.planned("handed_over", 20, name="Z").planned("handed_over", 10, name="A")
    assert due(hear(by_name))[0] == DAY_10


def test_a_wrong_plan_is_retracted_and_published_anew() -> None:
    story = vests.planned("handed_over", 10, name="P").planned("handed_over", 20, said=1)
    assert due(hear(story.retracts("P", said=2))) == (DAY_20, DAY_20, DAY_20)


def test_a_plan_that_became_an_actual_still_is_the_baseline() -> None:
    story = vests.planned("departed", 10, name="D")
    happened = story.revises("D", said=12, at=11, classifier="actual")
    found = hear(happened).milestone("departed", 1)
    assert found["baseline_at"] == DAY_10
    assert found["planned_at"] is None
    assert found["actual_at"] == "2026-01-12T00:00:00Z"


def test_a_plan_that_changed_its_leg_is_the_baseline_of_the_first_leg_too() -> None:
    story = vests.planned("arrived", 10, name="A", leg=1).revises("A", said=1, at=20, leg=2)
    account = hear(story.arrived(9, leg=1))
    assert account.milestone("arrived", 1)["baseline_at"] == DAY_10
    assert account.milestone("arrived", 2)["baseline_at"] == DAY_20


def test_an_operator_moves_the_due_moment_but_not_the_baseline() -> None:
    story = vests.planned("handed_over", 10).rebaselined("handed_over", 20, at=2)
    assert due(hear(story)) == (DAY_10, DAY_20, DAY_10)


def test_the_newest_of_several_rebaselinings_counts() -> None:
    story = vests.rebaselined("handed_over", 20, at=3).rebaselined("handed_over", 10, at=2, heard=4)
    assert due(hear(story)) == (None, DAY_20, None)


def test_a_retracted_rebaselining_gives_the_baseline_back() -> None:
    story = vests.planned("handed_over", 10).rebaselined("handed_over", 20, at=2, name="R")
    assert due(hear(story.retracts("R", said=3))) == (DAY_10, DAY_10, DAY_10)


def test_a_rebaselining_is_of_its_leg() -> None:
    account = hear(shipment().registered(vest=40, legs=2).rebaselined("arrived", 20, at=2, leg=2))
    assert account.milestone("arrived", 1) is None
    assert account.milestone("arrived", 2)["due_at"] == DAY_20


def test_the_newest_plan_and_estimate_are_shown() -> None:
    story = (
        vests.planned("handed_over", 10)
        .estimated("handed_over", 20, said=3)
        .estimated("handed_over", 15, said=2, heard=4)
    )
    assert hear(story).milestone("handed_over")["estimated_at"] == DAY_20


def test_a_milestone_of_which_nothing_stands_is_not_listed() -> None:
    story = vests.planned("handed_over", 10, name="P").retracts("P", said=2)
    assert hear(story).milestone("handed_over") is None


def test_every_order_freezes_the_same_baseline() -> None:
    story: Story = (
        vests.planned("handed_over", 10, name="P")
        .revises("P", said=2, at=20)
        .planned("handed_over", 15, name="Q", said=1)
        .rebaselined("handed_over", 30, at=4)
    )
    ends = {listen(story).hear(*order).facts for order in permutations(story.words)}
    assert len(ends) == 1
