"""What a record finally tells of a milestone, and whether an alert was right."""

import pytest

from services.cli.backtest.alerts import About, Alert, Grade
from services.cli.backtest.precision import precisions, recalls
from services.cli.backtest.truth import Truth, truths_of
from services.tracker.core.derive import facts_of
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import hear
from tests.support.telling import Story, day, deployment, shipment

PROMISED = shipment().registered(vest=20).planned("handed_over", 10)
TEAM = deployment().registered(trainer=18).planned("handed_over", 10)


def truth(story: Story, delay: str = "delivery_overdue", milestone: str = "handed_over") -> Truth:
    movement = hear(story).driver.state(MovementsProcessor.name, story.key)
    found = {(a.delay, a.milestone): each for a, each in truths_of(facts_of(movement.history))}
    return found[delay, milestone]


def test_right_until_it_occurs_and_wrong_from_then_on() -> None:
    late = truth(PROMISED.handed_over(15, 20, heard=20))
    assert late == Truth(day(10), day(15), day(15))
    assert late.late
    assert [late.verdict(day(number)) for number in (11, 14.9, 15, 19)] == [
        "right", "right", "wrong", "wrong",
    ]  # fmt: skip


def test_wrong_where_only_the_paper_was_late() -> None:
    in_time = truth(PROMISED.handed_over(9, 20, heard=20))
    assert not in_time.late
    assert in_time.verdict(day(11)) == "wrong"


def test_wrong_where_an_operator_moved_the_due_beyond() -> None:
    moved = truth(PROMISED.rebaselined("handed_over", 20, at=12).handed_over(15, 20))
    assert (moved.due_at, moved.verdict(day(11))) == (day(20), "wrong")


@pytest.mark.parametrize(
    "story",
    [
        PROMISED,
        PROMISED.handed_over(15, 5),
        PROMISED.cancelled(15),
        PROMISED.handed_over(15, 5).cancelled(16),
    ],
    ids=["never told", "a part", "cancelled", "the rest cancelled"],
)
def test_unknown_where_the_record_never_tells_of_all(story: Story) -> None:
    assert truth(story).verdict(day(11)) == "unknown"
    assert not truth(story).late


def test_delivered_when_all_is_and_not_at_the_first_part() -> None:
    assert truth(PROMISED.handed_over(9, 5).handed_over(15, 15)).occurred_at == day(15)


def test_a_later_milestone_proves_by_when_and_no_more() -> None:
    skipped = PROMISED.planned("departed", 2).arrived(5)
    departed = truth(skipped, "never_departed", "departed")
    assert departed == Truth(day(2), None, day(5))
    assert [departed.verdict(day(number)) for number in (3, 5, 6)] == ["unknown", "wrong", "wrong"]
    confirmed = truth(PROMISED.confirmed(15, 20))
    assert [confirmed.verdict(day(number)) for number in (11, 15)] == ["unknown", "wrong"]


def test_a_team_is_there_with_its_last_head() -> None:
    some = TEAM.handed_over(9, 10)
    assert truth(some.handed_over(13, 8), "no_show").occurred_at == day(13)
    assert truth(some.accepted("no_show", 13), "no_show").verdict(day(11)) == "unknown"


def alert(subject: str, *grades: Grade, delay: str = "delivery_overdue", episode: int = 1) -> Alert:
    return Alert(About(delay, "shipment", subject, "handed_over"), episode, grades)


WARNED = Grade(day(11), "warning", "unreported")
LIKELY = Grade(day(24), "critical", "likely")


def test_precision_recall_and_earliness() -> None:
    alerts = [
        alert("late", WARNED, LIKELY),
        alert("later", WARNED),
        alert("paper", WARNED, LIKELY),
        alert("untold", WARNED),
        alert("late", Grade(day(40), "warning", "unreported"), episode=2),
        alert("anything", WARNED, delay="silent"),
    ]
    happened = {"late": 20, "later": 17, "paper": 9, "missed": 10.5}
    truths = {
        alert(subject).about: Truth(day(10), day(number)) for subject, number in happened.items()
    }
    rows = [
        (r.grade, r.right, r.wrong, r.unknown, r.precision, r.earliness_days)
        for r in precisions(alerts, truths)
    ]
    assert rows == [
        ("first told", 2, 2, 1, 0.5, 7.5),
        ("warning unreported", 2, 2, 1, 0.5, 7.5),
        ("critical likely", 0, 2, 0, 0.0, None),
    ]
    assert [(r.late, r.told, r.recall) for r in recalls(alerts, truths)] == [(3, 2, 2 / 3)]


def test_no_share_of_nothing() -> None:
    [row, _] = precisions([alert("untold", WARNED)], {})
    assert (row.unknown, row.precision, row.earliness_days) == (1, None, None)
    assert recalls([], {}) == []
