"""The ledger: what was shipped, moved, lost, accepted, and is still to come."""

import pytest

from tests.support.hearing import Account, hear, listen
from tests.support.telling import CARRIER, OWNER, RECIPIENT, Story, shipment

vests = shipment().registered(vest=40)
two_lines = shipment().registered(vest=40, radio=10)


def counts(account: Account, number: int = 1) -> dict[str, object]:
    """What of a line is not nothing."""
    line = account.line(number)
    return {k: v for k, v in line.items() if v and k not in {"line", "item", "unit"}}


def test_nothing_happened_yet() -> None:
    assert counts(hear(vests)) == {"shipped": 40, "outstanding": 40}


def test_hand_overs_of_one_publisher_add_up() -> None:
    account = hear(vests.handed_over(5, 30).handed_over(6, 8, damaged=1, surplus=2))
    assert counts(account) == {
        "shipped": 40,
        "accepted": 38,
        "damaged": 1,
        "surplus": 2,
        "outstanding": 1,
    }


def test_lines_that_are_not_numbered_in_a_hand_over_are_untouched() -> None:
    account = hear(two_lines.handed_over(5, 10, line=2))
    assert counts(account, 1) == {"shipped": 40, "outstanding": 40}
    assert counts(account, 2) == {"shipped": 10, "accepted": 10}


def test_fractions_add_up_without_rounding() -> None:
    account = hear(
        shipment().registered(flour=0.3, unit="KGM").handed_over(5, 0.1).handed_over(6, 0.2)
    )
    assert counts(account) == {"shipped": 0.3, "accepted": 0.3}
    assert account.movement["state"] == "delivered"


RIVALS = [
    ("custodian before owner", {"by": CARRIER, "custodian": CARRIER}, 5, {"by": OWNER}, 40),
    ("owner before anyone", {"by": OWNER}, 5, {"by": CARRIER}, 40),
    ("the larger total of accepted and damaged", {"by": "AA-A"}, 30, {"by": RECIPIENT}, 20),
    ("then the larger code", {"by": RECIPIENT}, 30, {"by": "AA-A"}, 30),
]


@pytest.mark.parametrize(
    ("better", "n", "worse", "m"), [r[1:] for r in RIVALS], ids=[r[0] for r in RIVALS]
)
def test_of_several_publishers_only_one_counts(
    better: dict[str, object], n: int, worse: dict[str, object], m: int
) -> None:
    story = vests.handed_over(5, m, **worse).handed_over(6, n, **better)
    for account in (hear(story), listen(story).hear(*reversed(story.words))):
        assert account.line()["accepted"] == n
        assert account.milestone("handed_over")["reported_by"] == better["by"]
        assert account.movement["doubts"] == ["possible_duplicate"]


def test_the_total_counts_damaged_too_and_over_all_hand_overs() -> None:
    one = vests.handed_over(5, 10, by="AA-A").handed_over(6, 5, damaged=10, by="AA-A")
    account = hear(one.handed_over(7, 24, by=RECIPIENT))
    assert (account.line()["accepted"], account.line()["damaged"]) == (15, 10)


def test_the_same_publisher_twice_is_no_possible_duplicate() -> None:
    assert hear(vests.handed_over(5, 10).handed_over(6, 10)).movement["doubts"] == []


@pytest.mark.parametrize("word", ["lost", "split", "merged"])
def test_losses_splits_and_mergers_are_counted_by_quantity_each_by_itself(word: str) -> None:
    story = getattr(getattr(vests, word)(2, 3, by="AA-A"), word)(2, 5, by=RECIPIENT)
    account = hear(story)
    assert account.line()["lost" if word == "lost" else "moved"] == 5
    assert account.movement["doubts"] == ["possible_duplicate"]


def test_a_split_and_a_merger_of_different_publishers_both_count() -> None:
    account = hear(vests.split(2, 3, by=CARRIER).merged(3, 5).lost(4, 2, by=RECIPIENT))
    assert counts(account) == {"shipped": 40, "moved": 8, "lost": 2, "outstanding": 30}
    assert account.movement["doubts"] == []


def test_a_revision_un_delivers() -> None:
    story = vests.handed_over(5, 40, name="H")
    revised = story.revises("H", said=6, lines=[{"line": 1, "accepted": 4}])
    assert hear(revised).movement["state"] == "partially_delivered"


def test_a_retraction_un_delivers() -> None:
    story = vests.departed(2).handed_over(5, 40, name="H").retracts("H", said=6)
    assert hear(story).movement["state"] == "in_transit"


def test_a_better_ranked_publisher_un_delivers() -> None:
    story = vests.handed_over(5, 40, by=RECIPIENT).handed_over(5, 4)
    assert hear(story).movement["state"] == "partially_delivered"


@pytest.mark.parametrize(
    ("reported", "missing", "outstanding"), [(0, 0, 10), (4, 4, 6), (10, 10, 0), (15, 10, 0)]
)
def test_missing_is_at_most_what_is_available(
    reported: int, missing: int, outstanding: int
) -> None:
    account = hear(vests.handed_over(5, 30, missing=reported))
    assert account.line()["missing"] == missing
    assert account.line()["outstanding"] == outstanding


def test_missing_that_is_handed_over_later_is_missing_no_more() -> None:
    account = hear(vests.handed_over(5, 30, missing=10).handed_over(6, 10))
    assert account.line()["missing"] == 0


def test_missing_is_never_below_nothing() -> None:
    assert hear(vests.handed_over(5, 45, missing=3)).line()["missing"] == 0


def test_more_than_was_available_is_over_delivered() -> None:
    account = hear(vests.handed_over(5, 41))
    assert account.movement["doubts"] == ["over_delivered"]
    assert account.line()["outstanding"] == 0
    assert hear(vests.lost(2, 5).handed_over(5, 36)).movement["doubts"] == ["over_delivered"]
    assert hear(vests.handed_over(5, 40, surplus=3)).movement["doubts"] == []


def test_more_lost_than_shipped_leaves_nothing_available() -> None:
    account = hear(vests.lost(2, 50).handed_over(5, 1))
    assert account.line()["outstanding"] == 0
    assert account.movement["doubts"] == ["over_delivered"]


def test_a_line_that_nobody_registered_is_kept() -> None:
    account = hear(vests.handed_over(5, 7, line=9))
    assert account.movement["doubts"] == ["unknown_line"]
    assert counts(account, 9) == {"accepted": 7}
    assert account.line(9)["shipped"] is None
    assert account.movement["state"] == "partially_delivered"


def test_delivered_needs_nothing_outstanding_on_every_line() -> None:
    story = two_lines.handed_over(5, 40)
    assert hear(story).movement["state"] == "partially_delivered"
    assert hear(story.handed_over(6, 10, line=2)).movement["state"] == "delivered"


def test_delivered_needs_something_handed_over() -> None:
    assert hear(vests.handed_over(5, 0, missing=40)).movement["state"] == "partially_delivered"
    assert hear(vests.handed_over(5, 0, closed=True)).movement["state"] == "partially_delivered"
    assert hear(vests.handed_over(5, 0, damaged=40)).movement["state"] == "delivered"


def test_closed_counts_only_of_the_counted_publisher() -> None:
    story = vests.handed_over(5, 4, closed=True, by=RECIPIENT).handed_over(6, 3)
    assert hear(story).movement["state"] == "partially_delivered"


def test_the_moment_of_the_hand_over_is_when_delivered_became_true() -> None:
    story = vests.handed_over(5, 30)
    assert hear(story).milestone("handed_over")["actual_at"] == "2026-01-06T00:00:00Z"
    story = story.handed_over(7, 10).handed_over(9, 0, surplus=1)
    assert hear(story).milestone("handed_over")["actual_at"] == "2026-01-08T00:00:00Z"


def test_everything_lost_is_lost_and_everything_moved_is_transferred() -> None:
    assert hear(vests.lost(2, 30).lost(3, 10)).movement["state"] == "lost"
    assert hear(vests.lost(2, 30).split(3, 10)).movement["state"] == "transferred"
    assert hear(vests.lost(2, 30).split(3, 9)).movement["state"] == "planned"


def test_all_lines_must_be_gone() -> None:
    assert hear(two_lines.lost(2, 40)).movement["state"] == "planned"
    assert hear(two_lines.lost(2, 40).lost(3, 10, line=2)).movement["state"] == "lost"


def test_what_somebody_received_is_not_lost() -> None:
    story = vests.handed_over(5, 1).lost(6, 40)
    assert hear(story).movement["state"] == "delivered"


def test_cancelled_before_any_hand_over_is_the_state() -> None:
    account = hear(vests.cancelled(4).handed_over(5, 40))
    assert account.movement["state"] == "cancelled"
    assert account.movement["doubts"] == ["contradiction"]
    assert account.line()["accepted"] == 40, "the ledger still counts"


def test_cancelled_after_a_hand_over_cancels_the_rest() -> None:
    account = hear(vests.handed_over(5, 30).cancelled(6))
    assert account.movement["state"] == "delivered"
    assert account.line()["outstanding"] == 0
    assert account.movement["doubts"] == []


def test_cancelled_after_a_hand_over_of_nothing_is_the_state() -> None:
    assert hear(vests.handed_over(5, 0, missing=3).cancelled(6)).movement["state"] == "cancelled"


def test_at_one_moment_the_hand_over_comes_before_the_cancellation() -> None:
    assert hear(vests.cancelled(5).handed_over(5, 30)).movement["state"] == "delivered"


@pytest.mark.parametrize("word", ["departed", "arrived", "completed"])
def test_something_physical_after_the_cancellation_contradicts_it(word: str) -> None:
    assert hear(getattr(vests.cancelled(4), word)(5)).movement["doubts"] == ["contradiction"]
    assert hear(getattr(vests.cancelled(4), word)(3)).movement["doubts"] == []


@pytest.mark.parametrize("word", ["ready", "seen"])
def test_what_is_not_physical_contradicts_nothing(word: str) -> None:
    assert hear(getattr(vests.cancelled(4), word)(5)).movement["doubts"] == []


def test_of_completed_and_returned_the_later_names_the_state() -> None:
    done = vests.handed_over(5, 40)
    assert hear(done.completed(8).returned(9)).movement["state"] == "returned"
    assert hear(done.completed(9).returned(8)).movement["state"] == "completed"
    assert hear(done.completed(8).returned(8)).movement["state"] == "returned"


def test_completed_beats_lost_and_cancelled_beats_completed() -> None:
    assert hear(vests.lost(2, 40).completed(8)).movement["state"] == "completed"
    assert hear(vests.cancelled(2).completed(8)).movement["state"] == "cancelled"


def test_confirmed_needs_delivered() -> None:
    account = hear(vests.handed_over(5, 30).confirmed(6, 30))
    assert account.movement["state"] == "partially_delivered"
    assert account.line()["confirmed"] == 30


def test_confirmed_has_its_own_column() -> None:
    account = hear(vests.handed_over(5, 40).confirmed(6, 38, damaged=2))
    assert account.line()["accepted"] == 40
    assert account.line()["confirmed"] == 38
    assert account.movement["doubts"] == ["disputed"]


def test_a_line_that_the_confirmation_does_not_name_is_not_disputed() -> None:
    story = two_lines.handed_over(
        5, 0, lines=[{"line": 1, "accepted": 40}, {"line": 2, "accepted": 10}]
    )
    assert hear(story.confirmed(6, 40)).movement["doubts"] == []
    assert hear(story.confirmed(6)).movement["doubts"] == []


def test_of_several_confirmations_the_best_ranked_counts_whole() -> None:
    story = two_lines.confirmed(6, 40).confirmed(7, 10, line=2, by=OWNER)
    account = hear(story)
    assert [line["accepted"] for line in account.movement["lines"]] == [0, 10]


def test_a_confirmation_without_a_hand_over_supplies_one() -> None:
    account = hear(vests.confirmed(6, 40))
    assert counts(account) == {"shipped": 40, "accepted": 40, "confirmed": 40}
    assert account.movement["doubts"] == ["inferred"]


def test_a_supplied_hand_over_is_never_closed() -> None:
    assert hear(vests.confirmed(6, 30)).movement["state"] == "partially_delivered"


def test_every_order_of_hand_overs_and_losses_ends_the_same() -> None:
    story: Story = vests.handed_over(5, 10).handed_over(6, 5, by=RECIPIENT).lost(4, 3).split(3, 8)
    forwards, backwards = hear(story), listen(story).hear(*reversed(story.words))
    assert forwards.facts == backwards.facts
