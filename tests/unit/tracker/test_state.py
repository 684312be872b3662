"""The state: decided by the furthest proven milestone, whatever was said last."""

import pytest

from tests.support.hearing import Account, hear
from tests.support.telling import CARRIER, RECIPIENT, Story, shipment

vests = shipment().registered(vest=40)
in_legs = shipment().registered(vest=40, legs=2)

JOURNEY = [
    (vests, "planned"),
    (vests.ready(1), "ready"),
    (vests.departed(2), "in_transit"),
    (in_legs.departed(2).arrived(3), "at_stop"),
    (in_legs.departed(2).arrived(3).departed(4, leg=2), "in_transit"),
    (in_legs.departed(2).arrived(3).departed(4, leg=2).arrived(5, leg=2), "arrived"),
    (vests.departed(2).arrived(3), "arrived"),
    (vests.handed_over(5, 30), "partially_delivered"),
    (vests.handed_over(5, 30).handed_over(6, 10), "delivered"),
    (vests.handed_over(5, 30, closed=True), "delivered"),
    (vests.handed_over(5, 40).confirmed(6), "confirmed"),
    (vests.cancelled(2), "cancelled"),
    (vests.lost(2, 40), "lost"),
    (vests.split(2, 40), "transferred"),
    (vests.merged(2, 40), "transferred"),
    (vests.handed_over(5, 40).completed(9), "completed"),
    (vests.departed(2).returned(9), "returned"),
]


@pytest.mark.parametrize(("story", "state"), JOURNEY)
def test_each_state(story: Story, state: str) -> None:
    assert hear(story).movement["state"] == state


def test_an_old_departure_does_not_move_a_delivery_back() -> None:
    assert hear(vests.handed_over(5, 40).departed(2, heard=6)).movement["state"] == "delivered"


def test_a_plan_or_an_estimate_moves_nothing() -> None:
    story = vests.planned("departed", 2).estimated("arrived", 3, said=1)
    assert hear(story).movement["state"] == "planned"


def test_seen_moves_no_milestone() -> None:
    assert hear(vests.seen(2)).movement["state"] == "planned"


def inferred(account: Account) -> list[tuple[object, object]]:
    """Type and leg of the milestones that only a later one proves."""
    return [(m["type"], m["leg"]) for m in account.movement["milestones"] if m["inferred"]]


def test_a_later_milestone_proves_an_earlier_one_that_was_planned() -> None:
    account = hear(vests.planned("departed", 2).handed_over(5, 40))
    assert inferred(account) == [("departed", 1)]
    assert account.movement["doubts"] == ["inferred"]
    assert account.milestone("departed", 1)["actual_at"] is None


def test_a_later_milestone_proves_one_that_lies_between_reported_ones() -> None:
    account = hear(vests.departed(2).handed_over(5, 40))
    assert inferred(account) == [("arrived", 1)]


def test_nothing_is_inferred_where_nobody_planned_or_began() -> None:
    account = hear(vests.handed_over(5, 40))
    assert inferred(account) == []
    assert account.movement["doubts"] == []


def test_confirmed_is_never_inferred() -> None:
    account = hear(vests.rebaselined("confirmed", 6, at=1).handed_over(5, 40).completed(9))
    assert inferred(account) == []


def test_returned_proves_ready_and_the_first_departure_only() -> None:
    story = in_legs.planned("ready", 1).planned("departed", 2).planned("arrived", 3)
    assert inferred(hear(story.returned(9))) == [("ready", None), ("departed", 1)]


def test_a_confirmation_without_a_hand_over_supplies_one() -> None:
    account = hear(vests.confirmed(6, 40))
    assert inferred(account) == [("handed_over", None)]
    assert account.movement["state"] == "confirmed"


def test_the_last_leg_is_the_largest_that_is_reported_or_planned() -> None:
    assert hear(vests.planned("arrived", 9, leg=3)).movement["legs"] == 3
    assert hear(vests.departed(2, leg=2)).movement["legs"] == 2
    assert hear(vests.estimated("arrived", 9, leg=3, said=1)).movement["legs"] == 1
    assert hear(in_legs.departed(2)).movement["legs"] == 2


def test_the_leg_is_the_first_before_departure_and_the_last_after_the_hand_over() -> None:
    assert hear(in_legs).movement["leg"] == 1
    assert hear(in_legs.departed(2)).movement["leg"] == 1
    assert hear(in_legs.departed(2).departed(4, leg=2)).movement["leg"] == 2
    assert hear(in_legs.departed(2).handed_over(5, 1)).movement["leg"] == 2


def test_arrived_before_departed_on_a_leg_is_an_inversion_and_both_stand() -> None:
    account = hear(vests.departed(5).arrived(4))
    assert account.movement["doubts"] == ["inversion"]
    assert account.movement["state"] == "arrived"
    assert account.milestone("departed", 1)["actual_at"] == "2026-01-06T00:00:00Z"
    assert account.milestone("arrived", 1)["actual_at"] == "2026-01-05T00:00:00Z"


def test_a_corrected_inversion_is_none() -> None:
    story = vests.departed(5, name="D").arrived(4).revises("D", said=6, at=3)
    assert hear(story).movement["doubts"] == []


RANKS = [
    ("its own custodian before its owner", {"by": CARRIER, "custodian": CARRIER}, {}),
    ("its owner before anyone", {}, {"by": RECIPIENT, "revised": 9}),
    ("a named owner before anyone", {"by": CARRIER, "owner": CARRIER}, {"by": RECIPIENT}),
    ("the later revision", {"by": RECIPIENT, "revised": 9}, {"by": CARRIER, "revised": 8}),
    ("the larger code", {"by": RECIPIENT}, {"by": "BR-PF"}),
    ("the larger event_id", {"name": "B"}, {"name": "A"}),
]


@pytest.mark.parametrize(("better", "worse"), [row[1:] for row in RANKS], ids=[r[0] for r in RANKS])
@pytest.mark.parametrize("better_first", [False, True])
def test_ranks(better: dict[str, object], worse: dict[str, object], better_first: bool) -> None:
    told = {"said": 5} | better, {"said": 5} | worse
    one, other = (4, told[0]), (3, told[1])
    story = vests
    for at, more in (one, other) if better_first else (other, one):
        story = story.departed(at, **more)
    account = hear(story)
    assert account.milestone("departed", 1)["actual_at"] == "2026-01-05T00:00:00Z"
    assert account.movement["events"] == 3


def test_the_best_ranked_registration_wins_whole() -> None:
    story = (
        shipment()
        .registered(vest=40, by=CARRIER, commitment="US-EC-1")
        .registered(ambulance=20, owner="US-DHS-HSI", at=1)
        .registered(trainer=1, by="ZZ-ANY", at=2)
    )
    account = hear(story)
    assert [line["item"] for line in account.movement["lines"]] == ["ambulance"]
    assert account.movement["owner"] == "US-DHS-HSI"


def test_among_registrations_only_a_written_owner_counts() -> None:
    story = shipment().registered(vest=40).registered(vest=50, by=CARRIER, at=1)
    assert hear(story).line()["shipped"] == 50
