"""Delays on the way: never departed, overdue, slipping, dwelling, held, silent."""

import pytest

from tests.support.hearing import hear, listen
from tests.support.telling import shipment

vests = shipment().registered(vest=40)
in_legs = shipment().registered(vest=40, legs=2)
due_on_10 = vests.planned("handed_over", 10)


def test_never_departed_is_critical_after_the_lag() -> None:
    told = hear(vests.planned("departed", 10), until=24).said("never_departed")
    assert told == ["raised day 11: warning", "changed, late since day 11: critical"]


@pytest.mark.parametrize("word", ["departed", "arrived", "handed_over", "completed"])
def test_departed_or_any_later_milestone_ends_never_departed(word: str) -> None:
    story = getattr(vests.planned("departed", 10), word)(12, heard=13)
    assert hear(story).said("never_departed") == [
        "raised day 11: warning",
        "cleared day 13, ended day 12: happened",
    ]


def test_ready_does_not_end_never_departed() -> None:
    assert len(hear(vests.planned("departed", 10).ready(12)).said("never_departed")) == 1


@pytest.mark.parametrize(
    ("type", "leg"), [("ready", None), ("arrived", 1), ("departed", 2), ("confirmed", None)]
)
def test_what_can_be_overdue(type: str, leg: int | None) -> None:
    story = in_legs.rebaselined(type, 10, at=1, **({"leg": leg} if leg else {}))
    (raised,) = hear(story, until=11).of("milestone_overdue")
    assert (raised["milestone"], raised["leg"]) == (type, leg)
    assert raised["due_at"] == "2026-01-11T00:00:00Z"
    assert (raised["severity"], raised["confidence"]) == ("warning", None)


def test_the_first_departure_and_the_end_of_a_tour_have_rules_of_their_own() -> None:
    story = vests.planned("departed", 10).planned("completed", 10)
    assert hear(story, until=30).of("milestone_overdue") == []


def test_a_later_milestone_ends_an_overdue_one() -> None:
    told = hear(vests.planned("arrived", 10).handed_over(12, 40), until=30)
    assert told.said("milestone_overdue") == [
        "raised day 11: warning",
        "cleared day 12, ended day 12: happened",
    ]


def test_an_estimate_back_within_the_tolerance_ends_the_slip() -> None:
    story = due_on_10.estimated("handed_over", 12, said=5).estimated("handed_over", 11, said=6)
    assert hear(story).said("eta_slip") == [
        "raised day 5: warning",
        "cleared day 6, ended day 6: happened",
    ]


def test_a_slip_makes_room_for_the_overdue_delivery() -> None:
    told = hear(due_on_10.estimated("handed_over", 12, said=5), until=11)
    assert told.said("eta_slip")[-1] == "cleared day 11, ended day 11: superseded"
    assert told.said("delivery_overdue") == ["raised day 11: warning unreported"]


def test_a_slip_is_told_again_for_each_further_day() -> None:
    story = due_on_10.estimated("handed_over", 11.5, said=3)
    story = story.estimated("handed_over", 11.9, said=4).estimated("handed_over", 12.6, said=5)
    told = hear(story)
    assert told.said("eta_slip") == [
        "raised day 3: warning",
        "changed, late since day 3: warning",
    ]
    assert [r["eta_at"] for r in told.of("eta_slip")] == [
        "2026-01-12T12:00:00Z",
        "2026-01-13T14:24:00Z",
    ]


def test_a_moved_begin_alone_of_a_slip_is_not_told() -> None:
    story = due_on_10.estimated("handed_over", 12, said=5).estimated(
        "handed_over", 12, said=4, heard=6
    )
    assert hear(story).said("eta_slip") == ["raised day 5: warning"]


def test_an_interrupted_run_of_estimates_slips_anew() -> None:
    story = due_on_10.estimated("handed_over", 12, said=3).estimated("handed_over", 10, said=4)
    told = hear(story.estimated("handed_over", 13, said=5))
    assert told.said("eta_slip") == [
        "raised day 3: warning",
        "cleared day 4, ended day 4: happened",
        "raised day 5: warning",
    ]
    assert [record["episode"] for record in told.of("eta_slip")] == [1, 1, 2]


def test_a_retracted_estimate_slips_no_more() -> None:
    story = due_on_10.estimated("handed_over", 12, said=5, name="E").retracts("E", said=6)
    assert hear(story).said("eta_slip") == ["raised day 5: warning", "cleared day 6: corrected"]


DWELLS = [
    ("three days by default", in_legs.departed(1).arrived(5), 8),
    ("a week where the leg is at sea", in_legs.departed(1, mode="sea").arrived(5), 12),
    (
        "or the next leg is",
        in_legs.departed(1).arrived(5).planned("departed", 9, leg=2, mode="inland_water", said=5),
        12,
    ),
    ("from the last release", in_legs.departed(1).arrived(5).held(6).released(7), 10),
    ("at the last leg not before due", vests.planned("handed_over", 20).departed(1).arrived(5), 20),
    ("at the last leg without due", vests.departed(1).arrived(5), 8),
    ("of a stop whatever is due", in_legs.planned("handed_over", 20).departed(1).arrived(5), 8),
]


@pytest.mark.parametrize(("story", "late"), [r[1:] for r in DWELLS], ids=[r[0] for r in DWELLS])
def test_how_long_one_may_dwell(story: object, late: float) -> None:
    assert hear(story, until=late - 0.01).said("dwell") == []
    assert hear(story, until=late).said("dwell") == [f"raised day {late}: warning"]


def test_an_open_hold_explains_a_dwell() -> None:
    assert hear(in_legs.departed(1).arrived(5).held(6), until=40).said("dwell") == []


def test_a_hold_that_opens_over_a_dwell_supersedes_it() -> None:
    story = in_legs.departed(1).arrived(5).held(9)
    assert hear(story).said("dwell") == [
        "raised day 8: warning",
        "cleared day 9, ended day 9: superseded",
    ]


def test_going_on_ends_a_dwell() -> None:
    story = in_legs.departed(1).arrived(5).departed(9, leg=2)
    assert hear(story).said("dwell") == [
        "raised day 8: warning",
        "cleared day 9, ended day 9: happened",
    ]


def test_the_first_hand_over_ends_a_dwell() -> None:
    told = hear(vests.departed(1).arrived(5).handed_over(9, 1)).said("dwell")
    assert told[-1] == "cleared day 9, ended day 9: happened"


HOLDS = [("customs", 6, 10), ("security", 4, 10), ("weather", 6, 10)]


@pytest.mark.parametrize(("reason", "warning", "critical"), HOLDS)
def test_how_long_one_may_be_held(reason: str, warning: float, critical: float) -> None:
    told = hear(vests.held(3, reason=reason), until=20)
    assert told.said("held") == [
        f"raised day {warning}: warning",
        f"changed, late since day {warning}: critical",
    ]
    at_critical = hear(vests.held(3, reason=reason), until=critical)
    assert at_critical.said("held") == told.said("held")
    assert len(hear(vests.held(3, reason=reason), until=critical - 0.01).said("held")) == 1
    assert told.of("held")[0]["hold_id"] == "H1"
    assert told.of("held")[0]["due_at"] is None


def test_the_earliest_held_counts() -> None:
    story = vests.held(5).held(3, said=5)
    assert hear(story, until=6).said("held") == ["raised day 6: warning"]


def test_any_live_release_ends_a_hold_even_one_that_came_first() -> None:
    story = vests.held(3).released(7)
    assert hear(story).said("held")[-1] == "cleared day 7, ended day 7: happened"
    registered, held, released = story.words
    early = listen(story).hear(registered, released, held)
    assert early.movement["holds"] == []
    assert "held" not in early.open()


def test_a_retracted_release_releases_nothing() -> None:
    story = vests.held(3).released(4, name="R").retracts("R", said=5)
    assert hear(story, until=6).said("held") == ["raised day 6: warning"]


def test_a_hand_over_after_it_opened_ends_a_hold_one_before_does_not() -> None:
    story = vests.held(3).handed_over(7, 1)
    assert hear(story).said("held")[-1] == "cleared day 7, ended day 7: happened"
    assert len(hear(vests.handed_over(2, 1).held(3), until=6).said("held")) == 1


def test_each_hold_is_late_by_itself() -> None:
    story = vests.held(3).held(3, hold_id="H2", reason="security")
    raised = hear(story, until=6).of("held")
    assert [record["hold_id"] for record in raised] == ["H2", "H1"]


SILENCES = [
    ("road", {}, 1.5),
    ("air", {}, 2),
    ("rail", {}, 2),
    ("inland_water", {}, 2),
    (None, {}, 2),
    ("sea", {}, 15),
    ("sea", {"silent_until": 20}, 21),
    ("road", {"silent_until": 20}, 20.5),
]


@pytest.mark.parametrize(("mode", "more", "late"), SILENCES)
def test_how_long_one_may_be_silent(mode: str | None, more: dict[str, float], late: float) -> None:
    story = vests.departed(1, **more, **({"mode": mode} if mode else {}))
    assert hear(story, until=late - 0.01).said("silent") == []
    assert hear(story, until=late).said("silent") == [f"raised day {late:g}: warning"]


def test_only_what_is_in_transit_can_be_silent() -> None:
    stories = (vests, vests.ready(1), vests.departed(1).arrived(1), in_legs.departed(1).arrived(1))
    assert [hear(story, until=60).said("silent") for story in stories] == [[], [], [], []]


def test_a_later_contact_ends_a_silence() -> None:
    told = hear(vests.departed(1, mode="road").seen(3, heard=3.1), until=3.2)
    assert told.said("silent") == [
        "raised day 1.5: warning",
        "cleared day 3.1, ended day 3: happened",
    ]


def test_a_contact_within_the_allowance_that_was_heard_late_corrects_a_silence() -> None:
    told = hear(vests.departed(1, mode="road").seen(1.4, heard=1.6), until=1.7)
    assert told.said("silent")[-1] == "cleared day 1.6, ended day 1.4: corrected"


def test_a_late_heard_contact_that_does_not_explain_the_silence_moves_its_begin() -> None:
    told = hear(vests.departed(1, mode="road").seen(1.25, heard=3))
    assert told.said("silent") == [
        "raised day 1.5: warning",
        "changed, late since day 1.75: warning",
    ]


def test_the_next_silence_is_a_new_episode() -> None:
    told = hear(vests.departed(1, mode="road").seen(3), until=4)
    assert [(r["type"], r["episode"]) for r in told.of("silent")] == [
        ("delay_raised", 1),
        ("delay_cleared", 1),
        ("delay_raised", 2),
    ]
    first, _, second = told.of("silent")
    assert first["delay_id"] != second["delay_id"]


def test_a_movement_without_a_plan_is_told_to_the_stewards() -> None:
    story = vests.planned("handed_over", 10, said=5)
    assert hear(story).said("unplanned") == [
        "raised day 3: info",
        "cleared day 5, ended day 5: happened",
    ]


@pytest.mark.parametrize(
    "story",
    [vests.rebaselined("handed_over", 10, at=5), vests.handed_over(5, 40)],
    ids=["rebaselined", "delivered"],
)
def test_what_else_ends_unplanned(story: object) -> None:
    assert hear(story).said("unplanned")[-1] == "cleared day 5, ended day 5: happened"


def test_the_moment_a_delay_is_looked_at_is_the_deadline_itself() -> None:
    told = hear(vests.planned("departed", 10), until=40).of("never_departed")
    assert told[0]["raised_at"] == told[0]["late_since"] == "2026-01-12T00:00:00Z"
    assert told[0]["next_step"] == {
        "at": "2026-01-25T00:00:00Z",
        "severity": "critical",
        "confidence": None,
    }
