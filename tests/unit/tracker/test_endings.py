"""What ends a lateness, and how that is told."""

import pytest

from tests.support.hearing import hear
from tests.support.telling import Story, deployment, shipment

vests = shipment().registered(vest=40)
due = vests.planned("handed_over", 10, name="P")

ENDINGS = [
    (
        "it happened late",
        due.handed_over(15, 40, heard=16),
        "cleared day 16, ended day 15: happened",
    ),
    (
        "only the paper was late",
        due.handed_over(9, 40, heard=16),
        "cleared day 16, ended day 9: corrected",
    ),
    (
        "within the grace is not late",
        due.handed_over(10.5, 40, heard=16),
        "cleared day 16, ended day 10.5: corrected",
    ),
    (
        "at the very moment it became late",
        due.handed_over(11, 40, heard=16),
        "cleared day 16, ended day 11: corrected",
    ),
    ("the plan is retracted", due.retracts("P", said=16), "cleared day 16: corrected"),
    (
        "the plan is retracted for another",
        due.planned("handed_over", 30, said=15).retracts("P", said=16),
        "cleared day 16: replanned",
    ),
    (
        "an operator moves the due moment",
        due.rebaselined("handed_over", 30, at=16),
        "cleared day 16: replanned",
    ),
    (
        "closed with nothing",
        due.handed_over(15, 0, closed=True, heard=16),
        "cleared day 16, ended day 15: superseded",
    ),
    ("cancelled", due.cancelled(15, heard=16), "cleared day 16, ended day 15: cancelled"),
    ("cancelled in time", due.cancelled(9, heard=16), "cleared day 16, ended day 9: cancelled"),
    (
        "the rest cancelled",
        due.handed_over(12, 1).cancelled(15, heard=16),
        "cleared day 16, ended day 15: cancelled",
    ),
    ("all of it lost", due.lost(15, 40, heard=16), "cleared day 16, ended day 15: lost"),
    (
        "all of it moved to others",
        due.split(15, 40, heard=16),
        "cleared day 16, ended day 15: transferred",
    ),
    ("back at its origin", due.returned(15, heard=16), "cleared day 16, ended day 15: returned"),
    ("completed", due.completed(15, heard=16), "cleared day 16, ended day 15: happened"),
    (
        "confirmed without a hand-over",
        due.confirmed(15, 40, heard=16),
        "cleared day 16, ended day 15: happened",
    ),
]


@pytest.mark.parametrize(("story", "end"), [r[1:] for r in ENDINGS], ids=[r[0] for r in ENDINGS])
def test_how_an_overdue_delivery_ends(story: Story, end: str) -> None:
    told = hear(story, until=17)
    assert told.said("delivery_overdue") == ["raised day 11: warning unreported", end]
    assert "delivery_overdue" not in told.open()


def test_the_earlier_of_completed_and_returned_ended_the_delays() -> None:
    told = hear(due.completed(12, heard=16).returned(14, heard=16))
    assert told.movement["state"] == "returned"
    assert told.said("delivery_overdue")[1] == "cleared day 16, ended day 12: happened"


def test_a_hand_over_after_the_return_ended_nothing() -> None:
    told = hear(due.returned(12, heard=12).handed_over(14, 40))
    assert told.said("delivery_overdue")[1] == "cleared day 12, ended day 12: returned"


def test_moved_by_a_little_it_is_still_late() -> None:
    told = hear(due.rebaselined("handed_over", 12, at=16))
    assert told.said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "changed, late since day 13: warning unreported",
    ]
    assert told.of("delivery_overdue")[1]["due_at"] == "2026-01-13T00:00:00Z"


def test_what_was_last_told_stands_in_the_end() -> None:
    told = hear(due.handed_over(26, 40))
    raised, changed, cleared = told.of("delivery_overdue")
    for name in ("late_since", "due_at", "severity", "confidence", "raised_at"):
        assert cleared[name] == changed[name]
    assert cleared["next_step"] is None
    assert "because" not in raised


def test_corrected_is_measured_by_the_late_since_last_told() -> None:
    story = due.rebaselined("handed_over", 14, at=15.5).handed_over(14.5, 40, heard=16)
    assert hear(story).said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "changed, late since day 15: warning unreported",
        "cleared day 16, ended day 14.5: corrected",
    ]


def test_a_terminal_state_ends_everything_that_waits() -> None:
    story = (
        vests.planned("handed_over", 10)
        .planned("arrived", 9)
        .departed(1, mode="road")
        .held(2)
        .cancelled(15)
    )
    told = hear(story)
    assert told.open() == []
    ends = {d["delay"]: d["because"] for d in told.delays if d["type"] == "delay_cleared"}
    assert ends == dict.fromkeys(
        ("held", "silent", "milestone_overdue", "delivery_overdue"), "cancelled"
    )


def test_cancelled_ends_a_loss_too() -> None:
    told = hear(vests.lost(5, 2).cancelled(7))
    assert told.said("damage_loss")[-1] == "cleared day 7, ended day 7: cancelled"


def test_nothing_but_its_own_correction_ends_a_contradiction() -> None:
    story = vests.cancelled(5, name="C").departed(6, name="D").completed(7)
    assert "contradiction" in hear(story, until=60).open()
    corrected = hear(story.retracts("C", said=8))
    assert corrected.said("contradiction") == ["raised day 6: info", "cleared day 8: corrected"]


def test_a_retracted_physical_event_moves_or_ends_a_contradiction() -> None:
    story = vests.cancelled(5).departed(6, name="D").arrived(7)
    assert hear(story.retracts("D", said=8)).said("contradiction") == [
        "raised day 6: info",
        "changed, late since day 7: info",
    ]


def test_a_dispute_ends_when_either_word_is_corrected() -> None:
    story = vests.handed_over(5, 40, name="H").confirmed(6, 39)
    told = hear(story.revises("H", said=8, lines=[{"line": 1, "accepted": 39}], closed=True))
    assert told.said("disputed")[-1].endswith("corrected")


def test_no_terminal_state_ends_a_dispute() -> None:
    assert "disputed" in hear(vests.handed_over(5, 40).confirmed(6, 39).completed(9)).open()


def test_historic() -> None:
    told = hear(vests.handed_over(15, 40).planned("handed_over", 10, heard=16))
    assert told.said("delivery_overdue") == [
        "raised day 16, late since day 11: warning unreported (historic)",
        "cleared day 16, ended day 15: happened (historic)",
    ]
    assert [r["episode"] for r in told.of("delivery_overdue")] == [1, 1]


def test_historic_is_told_once() -> None:
    story = vests.handed_over(15, 40).planned("handed_over", 10, heard=16)
    told = hear(story.departed(2, heard=17).seen(18))
    assert len(told.of("delivery_overdue")) == 2


def test_what_was_told_before_is_not_told_as_historic() -> None:
    story = due.handed_over(12, 40, name="H").retracts("H", said=13)
    told = hear(story.handed_over(12, 40, name="G", heard=14))
    assert [r["historic"] for r in told.of("delivery_overdue")] == [False] * 4


def test_on_time_is_not_historic() -> None:
    told = hear(vests.handed_over(10.5, 40).planned("handed_over", 10, heard=16))
    assert told.of("delivery_overdue") == []


def test_backlog() -> None:
    old = shipment().registered(vest=40, heard=30).planned("handed_over", 10, heard=30)
    (raised,) = hear(old).of("delivery_overdue")
    assert raised["backlog"] is True
    assert raised["historic"] is False
    assert raised["raised_at"] == "2026-01-31T00:00:00Z"
    assert raised["severity"] == "critical"


@pytest.mark.parametrize(("due_on", "backlog"), [(21.9, True), (22, False), (28, False)])
def test_backlog_is_more_than_a_week_before_the_first_record(due_on: float, backlog: bool) -> None:
    story = shipment().registered(vest=40, heard=30).planned("handed_over", due_on, heard=30)
    (raised,) = hear(story).of("delivery_overdue")
    assert raised["backlog"] is backlog


def test_several_steps_passed_at_once_give_one_record() -> None:
    story = vests.planned("handed_over", 10, heard=30)
    assert hear(story).said("delivery_overdue") == [
        "raised day 30, late since day 11: critical likely"
    ]


def test_an_episode_begins_with_each_new_raise() -> None:
    story = due.handed_over(12, 40, name="H").retracts("H", said=13).handed_over(14, 40)
    told = hear(story)
    assert [(r["type"], r["episode"]) for r in told.of("delivery_overdue")] == [
        ("delay_raised", 1),
        ("delay_cleared", 1),
        ("delay_raised", 2),
        ("delay_cleared", 2),
    ]
    assert len({r["delay_id"] for r in told.of("delivery_overdue")}) == 2


def test_seq_rises_within_a_subject() -> None:
    told = hear(due.planned("arrived", 9).departed(1).held(2).handed_over(15, 40), until=60)
    assert [record["seq"] for record in told.delays] == list(range(1, len(told.delays) + 1))


def test_within_one_moment_delays_are_told_in_the_order_of_the_table() -> None:
    story = (
        shipment()
        .registered(vest=40, legs=2)
        .planned("handed_over", 9)
        .planned("arrived", 9, leg=2)
        .planned("arrived", 9, leg=1)
        .planned("ready", 9)
        .planned("departed", 9, leg=1)
        .held(7, hold_id="H2")
        .held(7, hold_id="H1")
    )
    told = hear(story, until=10)
    assert [(r["delay"], r["milestone"], r["leg"], r["hold_id"]) for r in told.delays] == [
        ("never_departed", "departed", 1, None),
        ("milestone_overdue", "ready", None, None),
        ("milestone_overdue", "arrived", 1, None),
        ("milestone_overdue", "arrived", 2, None),
        ("delivery_overdue", "handed_over", None, None),
        ("held", None, None, "H1"),
        ("held", None, None, "H2"),
    ]


def test_people_end_as_goods_do() -> None:
    team = deployment().registered(trainer=10).planned("handed_over", 10)
    assert hear(team.cancelled(15)).said("no_show")[-1] == "cleared day 15, ended day 15: cancelled"
    assert hear(team.lost(15, 10)).said("no_show")[-1] == "cleared day 15, ended day 15: lost"
