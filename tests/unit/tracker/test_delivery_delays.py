"""Delays of the hand-over: overdue, short, damaged, unverified, heads that did not show up."""

import pytest

from tests.support.hearing import hear
from tests.support.telling import Story, deployment, shipment

vests = shipment().registered(vest=40)
due_on_10 = vests.planned("handed_over", 10)
team = deployment().registered(trainer=10)
team_due = team.planned("handed_over", 10)


def test_an_overdue_delivery_is_unreported_at_first_and_likely_after_the_lag() -> None:
    told = hear(due_on_10, until=24)
    assert told.said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "changed, late since day 11: critical likely",
    ]
    first = told.of("delivery_overdue")[0]
    assert first["due_at"] == "2026-01-11T00:00:00Z"
    assert first["next_step"] == {
        "at": "2026-01-25T00:00:00Z",
        "severity": "critical",
        "confidence": "likely",
    }


def test_a_partial_hand_over_does_not_end_an_overdue_delivery() -> None:
    story = due_on_10.handed_over(12, 30)
    assert hear(story).open() == ["delivery_overdue"]
    assert hear(story.handed_over(14, 10)).said("delivery_overdue")[-1] == (
        "cleared day 14, ended day 14: happened"
    )


def test_a_closed_hand_over_of_nothing_supersedes_it() -> None:
    told = hear(due_on_10.handed_over(12, 0, closed=True))
    assert told.said("delivery_overdue")[-1] == "cleared day 12, ended day 12: superseded"
    assert told.said("short_delivery") == ["raised day 12: critical"]


def test_a_hand_over_that_misses_everything_supersedes_it() -> None:
    told = hear(due_on_10.handed_over(12, 0, missing=40))
    assert told.said("delivery_overdue")[-1] == "cleared day 12, ended day 12: superseded"
    assert told.said("short_delivery") == ["raised day 12: critical"]


SHORT = [
    ("under a tenth", vests.handed_over(5, 37, closed=True), "warning"),
    ("a tenth", vests.handed_over(5, 36, closed=True), "critical"),
    ("missing is not lacking twice", vests.handed_over(5, 37, missing=3), "warning"),
    (
        "with serial numbers",
        shipment()
        .registered(
            lines=[{"line": 1, "item": "radio", "quantity": 40, "unit": "H87", "serials": ["A1"]}]
        )
        .handed_over(5, 39, closed=True),
        "critical",
    ),
    (
        "each line by itself",
        shipment()
        .registered(vest=100, radio=10)
        .handed_over(
            5, 100, lines=[{"line": 1, "accepted": 100}, {"line": 2, "accepted": 9}], closed=True
        ),
        "critical",
    ),
]


@pytest.mark.parametrize(("story", "severity"), [r[1:] for r in SHORT], ids=[r[0] for r in SHORT])
def test_how_grave_a_short_delivery_is(story: Story, severity: str) -> None:
    assert hear(story).said("short_delivery") == [f"raised day 5: {severity}"]


def test_what_was_lost_or_moved_before_is_not_short() -> None:
    story = vests.lost(2, 3).split(3, 7).handed_over(5, 30, closed=True)
    assert hear(story, until=60).said("short_delivery") == []


def test_a_partial_that_is_not_closed_is_short_only_when_nothing_is_due() -> None:
    assert hear(due_on_10.handed_over(5, 39), until=60).said("short_delivery") == []
    told = hear(vests.handed_over(5, 30).handed_over(6, 9), until=9)
    assert told.said("short_delivery") == ["raised day 9: warning"]


def test_made_good_ends_a_short_delivery() -> None:
    told = hear(vests.handed_over(5, 38, closed=True).handed_over(7, 2))
    assert told.said("short_delivery")[-1] == "cleared day 7, ended day 7: happened"


def test_an_open_partial_that_is_completed_was_made_good() -> None:
    told = hear(vests.handed_over(5, 39).handed_over(9, 1))
    assert told.said("short_delivery") == [
        "raised day 8: warning",
        "cleared day 9, ended day 9: happened",
    ]


def test_a_corrected_count_was_never_short() -> None:
    story = vests.handed_over(5, 38, closed=True, name="H")
    told = hear(story.revises("H", said=6, lines=[{"line": 1, "accepted": 40}]))
    assert told.said("short_delivery")[-1] == "cleared day 6, ended day 5: corrected"


def test_an_accepted_short_delivery_is_over() -> None:
    told = hear(vests.handed_over(5, 38, closed=True).accepted("short_delivery", 6, said=7))
    assert told.said("short_delivery")[-1] == "cleared day 7, ended day 6: accepted"
    assert told.movement["state"] == "delivered"


def test_a_later_shortage_that_no_acceptance_covers_starts_anew() -> None:
    story = (
        vests.handed_over(5, 30, closed=True)
        .accepted("short_delivery", 6)
        .handed_over(8, 5, closed=True)
    )
    told = hear(story)
    assert told.said("short_delivery") == [
        "raised day 5: critical",
        "cleared day 6, ended day 6: accepted",
        "raised day 8: critical",
    ]
    assert [record["episode"] for record in told.of("short_delivery")] == [1, 1, 2]


def test_an_acceptance_covers_only_what_occurred_until_then() -> None:
    story = vests.accepted("short_delivery", 4).handed_over(5, 38, closed=True)
    assert hear(story).open() == ["short_delivery"]


def test_an_acceptance_is_of_one_delay() -> None:
    story = vests.handed_over(5, 38, damaged=2).accepted("damage_loss", 6)
    assert "damage_loss" not in hear(story).open()
    story = vests.handed_over(5, 38, closed=True).accepted("damage_loss", 6)
    assert "short_delivery" in hear(story).open()


def test_no_terminal_state_but_cancelled_ends_a_short_delivery() -> None:
    short = vests.handed_over(5, 38, closed=True)
    assert hear(short.confirmed(6)).open() == ["short_delivery"]
    assert hear(short.completed(6)).open() == ["short_delivery"]
    assert hear(short.returned(6)).open() == ["short_delivery"]


def test_cancelling_the_rest_ends_a_short_delivery() -> None:
    told = hear(vests.handed_over(5, 38, closed=True).cancelled(6))
    assert told.said("short_delivery")[-1] == "cleared day 6, ended day 6: cancelled"


HARM = [
    ("under a tenth damaged", vests.handed_over(5, 37, damaged=3), "warning"),
    ("a tenth damaged", vests.handed_over(5, 36, damaged=4), "critical"),
    ("a tenth of damaged and lost", vests.lost(5, 2).handed_over(5, 36, damaged=2), "critical"),
    ("lost", vests.lost(5, 3), "warning"),
    ("people", deployment().registered(trainer=40).lost(5, 1), "critical"),
    (
        "people on a shipment's line",
        shipment().registered(guard=40, unit="IE").lost(5, 1),
        "critical",
    ),
]


@pytest.mark.parametrize(("story", "severity"), [r[1:] for r in HARM], ids=[r[0] for r in HARM])
def test_how_grave_damage_and_loss_are(story: Story, severity: str) -> None:
    assert hear(story).of("damage_loss")[-1]["severity"] == severity


def test_damage_grows_more_severe_within_its_episode() -> None:
    told = hear(vests.lost(5, 3).lost(6, 3))
    assert told.said("damage_loss") == [
        "raised day 5: warning",
        "changed, late since day 5: critical",
    ]


def test_accepted_damage_is_over_and_later_damage_starts_anew() -> None:
    told = hear(vests.lost(5, 1).accepted("damage_loss", 6).lost(8, 1))
    assert told.said("damage_loss") == [
        "raised day 5: warning",
        "cleared day 6, ended day 6: accepted",
        "raised day 8: warning",
    ]


def test_a_retracted_loss_was_none() -> None:
    story = vests.lost(5, 1, name="L").retracts("L", said=6)
    assert hear(story).said("damage_loss")[-1] == "cleared day 6: corrected"


def test_losing_everything_leaves_the_loss_open() -> None:
    assert hear(due_on_10.lost(5, 40), until=60).open() == ["damage_loss"]


def test_an_unverified_delivery_is_for_information() -> None:
    told = hear(vests.handed_over(5, 40).confirmed(36))
    assert told.said("unverified_delivery") == [
        "raised day 35: info",
        "cleared day 36, ended day 36: happened",
    ]
    assert told.of("unverified_delivery")[0]["milestone"] == "confirmed"


@pytest.mark.parametrize(("word", "cause"), [("completed", "happened"), ("returned", "returned")])
def test_a_tour_that_ended_verifies_a_delivery(word: str, cause: str) -> None:
    told = hear(getattr(vests.handed_over(5, 40), word)(36))
    assert told.said("unverified_delivery")[-1] == f"cleared day 36, ended day 36: {cause}"


def test_what_is_only_partially_delivered_needs_no_confirmation() -> None:
    assert hear(due_on_10.handed_over(5, 30), until=60).said("unverified_delivery") == []


def test_a_no_show_is_unreported_at_first_and_likely_after_the_lag() -> None:
    told = hear(team_due, until=24)
    assert told.said("no_show") == [
        "raised day 10.5: warning unreported",
        "changed, late since day 10.5: critical likely",
    ]
    assert told.of("no_show")[0]["due_at"] == "2026-01-11T00:00:00Z"


def test_a_no_show_replaces_overdue_and_short_deliveries() -> None:
    told = hear(team_due.handed_over(12, 8, closed=True), until=60)
    assert told.of("delivery_overdue") == []
    assert told.of("short_delivery") == []
    assert told.open() == ["no_show", "unverified_delivery"]


def test_without_a_due_moment_or_heads_the_other_rules_hold() -> None:
    assert hear(team.handed_over(5, 8, closed=True)).open() == ["short_delivery"]
    bare = deployment().planned("handed_over", 10)
    assert hear(bare, until=12).open() == ["delivery_overdue"]


def test_too_few_heads_are_likely_missing_from_the_first_hand_over_on() -> None:
    early = hear(team_due.handed_over(9, 8), until=11)
    assert early.said("no_show") == ["raised day 10.5: critical likely"]
    late = hear(team_due.handed_over(12, 8), until=13)
    assert late.said("no_show") == [
        "raised day 10.5: warning unreported",
        "changed, late since day 10.5: critical likely",
    ]


def test_the_headcount_ends_a_no_show() -> None:
    told = hear(team_due.handed_over(9, 8).handed_over(12, 2))
    assert told.said("no_show")[-1] == "cleared day 12, ended day 12: happened"


def test_heads_that_were_there_in_time_correct_a_no_show() -> None:
    told = hear(team_due.handed_over(10.25, 10, heard=12))
    assert told.said("no_show")[-1] == "cleared day 12, ended day 10.25: corrected"


def test_heads_lost_or_moved_are_not_expected() -> None:
    assert hear(team_due.split(5, 2).handed_over(9, 8), until=60).of("no_show") == []


def test_a_no_show_occurs_twelve_hours_after_due_for_its_acceptance() -> None:
    short = team_due.handed_over(9, 8)
    told = hear(short.accepted("no_show", 12))
    assert told.said("no_show")[-1] == "cleared day 12, ended day 12: accepted"
    assert hear(short.accepted("no_show", 10.25), until=60).open()[0] == "no_show"


def test_overstay() -> None:
    tour = team.planned("completed", 30).handed_over(10, 10)
    told = hear(tour.returned(34))
    assert told.said("overstay") == [
        "raised day 33: info",
        "cleared day 34, ended day 34: returned",
    ]
    assert told.of("overstay")[0]["milestone"] == "completed"


def test_who_never_reported_for_duty_does_not_overstay() -> None:
    assert hear(team.planned("completed", 30), until=60).of("overstay") == []


def test_goods_do_not_overstay() -> None:
    story = vests.planned("completed", 30).handed_over(10, 40)
    assert hear(story, until=60).of("overstay") == []


def test_the_first_hand_over_proves_what_came_before_it() -> None:
    story = vests.planned("arrived", 10).handed_over(10.5, 30, heard=16)
    told = hear(story.handed_over(15, 10, heard=16))
    assert told.said("milestone_overdue")[-1] == "cleared day 16, ended day 10.5: corrected"


def test_a_short_partial_occurs_at_its_hand_over_for_its_acceptance() -> None:
    accepted = vests.handed_over(5, 39).accepted("short_delivery", 6)
    assert hear(accepted, until=60).said("short_delivery") == []
    too_early = vests.accepted("short_delivery", 4).handed_over(5, 39)
    assert hear(too_early, until=60).said("short_delivery") == ["raised day 8: warning"]


def test_cancelling_the_rest_delivers_and_leaves_nothing_short() -> None:
    told = hear(due_on_10.handed_over(5, 30).cancelled(6), until=30)
    assert told.movement["state"] == "delivered"
    assert told.milestone("handed_over")["actual_at"] == "2026-01-07T00:00:00Z"
    assert told.delays == []
