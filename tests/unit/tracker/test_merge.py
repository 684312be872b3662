"""The merge: per identity the last word stands, whatever the order in which words arrive."""

from itertools import permutations

import pytest

from schemas.topics import QUARANTINE
from tests.support.hearing import hear, listen
from tests.support.telling import RECIPIENT, Story, shipment

vests = shipment().registered(vest=40)
in_two_ways = vests.departed(5, name="D", mode="air").departed(5, name="D", mode="sea")


def test_a_duplicate_changes_nothing() -> None:
    account = hear(vests.departed(5))
    before, told = account.movement, len(account.outputs)
    account.hear(vests.departed(5).words[-1])
    assert account.movement == before
    assert len(account.outputs) == told


def test_a_duplicate_is_the_same_whenever_it_is_heard() -> None:
    assert hear(vests.departed(5)).movement["events"] == 2
    again = hear(vests.departed(5, name="D").departed(5, name="D", heard=9))
    assert again.movement["events"] == 2
    assert "conflict" not in again.movement["doubts"]


def test_a_later_revision_stands() -> None:
    account = hear(vests.departed(5, name="D").revises("D", said=6, at=4))
    assert account.milestone("departed", 1)["actual_at"] == "2026-01-05T00:00:00Z"


def test_a_stale_revision_changes_nothing() -> None:
    story = vests.departed(5, name="D").revises("D", said=6, at=4)
    registered, first, second = story.words
    assert hear(story).facts == listen(story).hear(registered, second, first).facts


def test_identity_is_publisher_and_event_id() -> None:
    account = hear(vests.departed(5, name="D").departed(6, name="D", by=RECIPIENT))
    assert account.movement["events"] == 3
    assert account.milestone("departed", 1)["reported_by"] == "US-DHS-HSI"


def test_a_retraction_takes_the_word_back() -> None:
    account = hear(vests.departed(5, name="D").retracts("D", said=6))
    assert account.movement["state"] == "planned"
    assert account.movement["events"] == 1


def test_a_retraction_before_its_event_is_a_tombstone() -> None:
    story = vests.departed(5, name="D").retracts("D", said=6)
    registered, event, retraction = story.words
    early = listen(story).hear(registered, retraction, event)
    assert early.movement["state"] == "planned"
    assert early.facts == hear(story).facts


def test_what_is_retracted_can_be_said_again_later() -> None:
    story = vests.departed(5, name="D").retracts("D", said=6)
    account = hear(story.departed(5, name="D", revised=7))
    assert account.movement["state"] == "in_transit"


@pytest.mark.parametrize("retraction_first", [False, True])
def test_at_an_equal_revised_at_a_retraction_wins_silently(retraction_first: bool) -> None:
    story = vests.departed(5, name="D").retracts("D", said=5)
    registered, event, retraction = story.words
    said = (retraction, event) if retraction_first else (event, retraction)
    account = listen(story).hear(registered, *said)
    assert account.movement["state"] == "planned"
    assert account.movement["doubts"] == []
    assert account.quarantined == []


def test_other_content_at_an_equal_revised_at_is_a_conflict_in_both_orders() -> None:
    registered, by_air, by_sea = in_two_ways.words
    one = listen(in_two_ways).hear(registered, by_air, by_sea)
    other = listen(in_two_ways).hear(registered, by_sea, by_air)
    assert one.facts == other.facts
    assert one.movement["doubts"] == ["conflict"]


def test_the_copy_of_a_conflict_goes_to_quarantine() -> None:
    account = hear(in_two_ways)
    (copy,) = account.quarantined
    assert copy.topic == QUARANTINE.full_name
    assert dict(copy.headers)["reason"] == b"conflict"
    assert copy.value == account.records[-1].value


def test_a_later_revision_clears_a_conflict() -> None:
    account = hear(in_two_ways.departed(5, name="D", mode="road", revised=6))
    assert account.movement["doubts"] == []
    assert account.movement["mode"] == "road"
    assert account.said("conflict") == [
        "raised day 5: info",
        "cleared day 6, ended day 6: corrected",
    ]


def test_three_contents_end_the_same_in_every_order() -> None:
    story = in_two_ways.departed(5, name="D", mode="rail")
    registered, *rivals = story.words
    ends = {listen(story).hear(registered, *order).facts for order in permutations(rivals)}
    assert len(ends) == 1


def test_a_retracted_conflict_is_none() -> None:
    assert hear(in_two_ways.retracts("D", said=6)).movement["doubts"] == []


def test_a_late_event_is_always_applied() -> None:
    account = hear(vests.handed_over(9, 40).departed(5, heard=60))
    assert account.milestone("departed", 1)["actual_at"] == "2026-01-06T00:00:00Z"
    assert account.movement["state"] == "delivered"


def test_seen_only_moves_the_last_contact_and_is_not_counted() -> None:
    before, after = hear(vests.departed(5)), hear(vests.departed(5).seen(6))
    changed = {k for k, v in after.movement.items() if before.movement[k] != v}
    assert changed == {"last_contact_at"}


def test_seen_cannot_be_retracted() -> None:
    account = hear(vests.departed(5).seen(6, name="S").retracts("S", said=7))
    assert account.movement["state"] == "in_transit"
    assert account.movement["events"] == 2


def test_a_subject_that_nobody_registered_is_kept() -> None:
    account = hear(shipment().handed_over(5, 40))
    assert account.movement["doubts"] == ["unknown_line", "unregistered"]
    assert account.line()["shipped"] is None
    assert account.line()["outstanding"] is None
    assert account.movement["state"] == "partially_delivered"


def test_a_closed_hand_over_delivers_what_nobody_registered() -> None:
    assert hear(shipment().handed_over(5, 40, closed=True)).movement["state"] == "delivered"


def test_every_order_of_a_whole_journey_ends_the_same() -> None:
    story: Story = (
        vests.planned("handed_over", 10, name="P")
        .departed(5, name="D")
        .revises("D", said=6, at=4)
        .handed_over(9, 39, damaged=1, name="H")
        .retracts("P", said=7)
    )
    ends = {listen(story).hear(*order).facts for order in permutations(story.words)}
    assert len(ends) == 1
