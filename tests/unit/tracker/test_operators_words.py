"""Operators' words: which report counts, whose a subject is, and what is open after all."""

from collections.abc import Callable
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracker.core.merge import RIVALS_KEPT
from services.tracker.timeline import timeline
from tests.support.hearing import Account, hear, listen
from tests.support.telling import CARRIER, OWNER, RECIPIENT, Story, deployment, shipment

vests = shipment().registered(vest=40)
told_twice = vests.handed_over(5, 40, by=OWNER).handed_over(5, 30, by=CARRIER)
in_two_ways = vests.departed(5, name="D", mode="air").departed(5, name="D", mode="sea")
cancelled = vests.planned("handed_over", 10).cancelled(5, name="C")


def every_order(story: Story) -> Account:
    """The story as told; every other order of its words, and each told twice, ends the same."""
    account = hear(story)
    for order in permutations(story.words):
        assert listen(story).hear(*order, *order[:2]).facts == account.facts
    return account


def test_whom_an_operator_prefers_counts_before_rank() -> None:
    account = every_order(told_twice.prefers("handed_over", CARRIER, at=6))
    assert account.line()["accepted"] == 30
    assert account.movement["doubts"] == []
    assert account.milestone("handed_over")["reported_by"] == CARRIER


def test_a_preference_for_who_said_nothing_has_no_effect() -> None:
    account = every_order(told_twice.prefers("handed_over", RECIPIENT, at=6))
    assert account.line()["accepted"] == 40
    assert account.movement["doubts"] == ["possible_duplicate"]


def test_a_preference_is_of_one_type() -> None:
    story = told_twice.lost(5, 5, by=OWNER).lost(5, 4, by=CARRIER)
    account = hear(story.prefers("lost", CARRIER, at=6))
    assert (account.line()["lost"], account.line()["accepted"]) == (4, 40)
    assert account.movement["doubts"] == ["over_delivered", "possible_duplicate"]


@pytest.mark.parametrize("other", [OWNER, RECIPIENT])
def test_what_another_says_later_is_in_doubt_again(other: str) -> None:
    story = told_twice.prefers("handed_over", CARRIER, at=6).handed_over(7, 10, by=other)
    account = every_order(story)
    assert account.line()["accepted"] == 30
    assert account.movement["doubts"] == ["possible_duplicate"]


def test_the_newest_preference_stands_and_can_be_retracted() -> None:
    story = told_twice.prefers("handed_over", CARRIER, at=6).prefers(
        "handed_over", OWNER, at=7, name="P"
    )
    assert every_order(story).line()["accepted"] == 40
    account = every_order(story.retracts("P", said=8))
    assert (account.line()["accepted"], account.movement["doubts"]) == (30, [])


@pytest.mark.parametrize(("number", "mode"), [(1, "air"), (2, "sea")])
def test_the_content_that_an_operator_prefers_stands(number: int, mode: str) -> None:
    story = in_two_ways.prefers_content(number, at=6)
    account = every_order(story)
    assert account.movement["mode"] == mode
    assert account.movement["doubts"] == []
    assert account.said("conflict") == [
        "raised day 5: info",
        "cleared day 6, ended day 6: corrected",
    ]


def test_a_later_revision_beats_a_preferred_content() -> None:
    story = in_two_ways.prefers_content(1, at=7).departed(5, name="D", mode="road", revised=6)
    account = every_order(story)
    assert (account.movement["mode"], account.movement["doubts"]) == ("road", [])


def test_a_content_that_nobody_said_has_no_effect() -> None:
    elsewhere = vests.departed(5, name="D", mode="rail")
    preference = elsewhere.prefers_content(1, at=6, name="P").words[-1]
    account = hear(in_two_ways.with_word(preference.event, preference.heard_at))
    assert account.movement["doubts"] == ["conflict"]
    assert account.movement["mode"] == hear(in_two_ways).movement["mode"]


def test_of_many_contents_any_that_is_kept_can_be_preferred() -> None:
    story = vests
    for number in range(RIVALS_KEPT + 3):
        story = story.departed(5, name="D", country="EC", place=f"Port {number}")
    kept = {
        number
        for number in range(1, len(story.words))
        if hear(story.prefers_content(number, at=6)).movement["doubts"] == []
    }
    assert len(kept) == RIVALS_KEPT + 1


def test_a_preferred_content_moves_no_baseline() -> None:
    story = vests.planned("handed_over", 10, name="P").planned("handed_over", 12, name="P")
    preferring = [story.prefers_content(number, at=6) for number in (1, 2)]
    said = [every_order(each).milestone("handed_over") for each in preferring]
    assert len({milestone["baseline_at"] for milestone in said}) == 1
    assert len({milestone["planned_at"] for milestone in said}) == 2


def test_the_timeline_tells_the_contents_of_a_conflict() -> None:
    account = hear(in_two_ways)
    history = account.driver.state("movements", account.key).history
    contents = [content for entry in timeline(history) for content in entry["contents"]]
    named = [in_two_ways.prefers_content(n, at=6).words[-1].event["counts"] for n in (1, 2)]
    assert {each["content"][:32] for each in named} == {each["content"] for each in contents}


LINES = [{"line": 1, "item": "vest", "quantity": 40, "unit": "H87"}]


def test_an_adopted_subject_is_somebodys_and_has_a_ledger() -> None:
    story = shipment().handed_over(5, 30, closed=True)
    account = every_order(
        story.adopted(6, "US-FBI", lines=LINES, commitment="C-1", country="EC", legs=2)
    )
    movement = account.movement
    assert (movement["owner"], movement["commitment"], movement["country"]) == (
        "US-FBI",
        "C-1",
        "EC",
    )
    assert (movement["legs"], movement["doubts"]) == (2, [])
    assert (account.line()["shipped"], account.line()["outstanding"]) == (40, 10)
    assert account.said("short_delivery") == ["raised day 6, late since day 5: critical"]


def test_an_adopted_subject_without_lines_has_no_ledger() -> None:
    account = every_order(shipment().handed_over(5, 30).adopted(6))
    assert account.movement["doubts"] == ["unknown_line"]
    assert account.line()["shipped"] is None


def test_any_registration_beats_an_adoption() -> None:
    story = shipment().adopted(6, "US-FBI", lines=LINES).registered(vest=50, at=2, name="R")
    account = every_order(story)
    assert (account.movement["owner"], account.line()["shipped"]) == (OWNER, 50)
    assert every_order(story.retracts("R", said=9)).line()["shipped"] == 40


def test_the_newest_adoption_stands() -> None:
    story = shipment().adopted(6, "US-FBI", name="B").adopted(7, "US-DEA", name="A")
    assert every_order(story).movement["owner"] == "US-DEA"


def test_a_cancelled_movement_that_is_reopened_is_late_again() -> None:
    account = hear(vests.planned("handed_over", 10).cancelled(15).reopened(20), until=21)
    assert account.movement["state"] == "planned"
    assert account.said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "cleared day 15, ended day 15: cancelled",
        "raised day 20, late since day 11: warning unreported",
    ]
    assert [delay["episode"] for delay in account.of("delivery_overdue")] == [1, 1, 2]


@pytest.mark.parametrize(
    ("story", "state"),
    [
        (cancelled.reopened(5), "planned"),
        (cancelled.reopened(4), "cancelled"),
        (cancelled.reopened(6).cancelled(7), "cancelled"),
        (cancelled.reopened(6, name="R").retracts("R", said=7), "cancelled"),
        (vests.departed(1).completed(5).reopened(6), "in_transit"),
        (vests.departed(1).returned(5).reopened(6), "in_transit"),
        (vests.handed_over(5, 40).confirmed(6, 40).reopened(7), "delivered"),
        (vests.handed_over(5, 30, closed=True).reopened(7), "partially_delivered"),
        (vests.handed_over(5, 30, closed=True).reopened(4), "delivered"),
        (vests.handed_over(5, 30).cancelled(6).reopened(7), "partially_delivered"),
    ],
)
def test_a_reopening_voids_what_ended_it_until_then(story: Story, state: str) -> None:
    account = every_order(story)
    assert account.movement["state"] == state
    said = {"retracted" in word.event for word in story.words}
    assert said != {False} or account.movement["events"] == len(story.words)


def test_quantities_that_only_the_recipient_told_remain() -> None:
    account = every_order(vests.confirmed(6, 30).reopened(7))
    assert account.movement["state"] == "partially_delivered"
    assert (account.line()["accepted"], account.line()["confirmed"]) == (30, None)
    assert account.milestone("handed_over")["inferred"]
    reported = every_order(vests.confirmed(6, 30).reopened(7).handed_over(6, 20))
    assert (reported.line()["accepted"], reported.movement["doubts"]) == (20, [])


def test_a_reopening_ends_a_contradiction_and_is_not_told_as_cancelled() -> None:
    account = hear(cancelled.departed(6, mode="sea").reopened(7), until=11)
    assert account.said("contradiction") == [
        "raised day 6: info",
        "cleared day 7, ended day 7: corrected",
    ]
    (overdue,) = account.of("delivery_overdue")
    assert "Last known: left by sea" in overdue["sentence"]
    before = hear(vests.planned("handed_over", 10).cancelled(5).reopened(6), until=11)
    assert "Last known: registered" in before.of("delivery_overdue")[0]["sentence"]


def test_what_an_operator_corrects_was_not_made_good() -> None:
    short = vests.handed_over(5, 30, closed=True)
    preferred = short.handed_over(5, 40, by=CARRIER).prefers("handed_over", CARRIER, at=6)
    for story in (short.reopened(6), preferred):
        assert hear(story).said("short_delivery")[-1] == "cleared day 6, ended day 6: corrected"


def test_operators_words_are_no_contact() -> None:
    story = vests.departed(5)
    said = story.prefers("lost", OWNER, at=7).adopted(8).reopened(9)
    assert hear(said).movement["last_contact_at"] == hear(story).movement["last_contact_at"]


_SAID: tuple[Callable[[Random, Story], Story], ...] = (
    lambda c, s: s.handed_over(c.randrange(9), c.choice((10, 40)), name="H", said=9, by=_who(c)),
    lambda c, s: s.handed_over(c.randrange(9), 40, name="H", said=9, closed=True, by=_who(c)),
    lambda c, s: s.confirmed(c.randrange(9), 40, name="K", said=9),
    lambda c, s: s.cancelled(c.randrange(9), name="C", said=9),
    lambda c, s: s.completed(c.randrange(9), name="E", said=9),
    lambda c, s: s.registered(vest=40, name="R", said=9),
    lambda c, s: s.prefers("handed_over", _who(c), at=8, said=c.randrange(8, 11), name=_op(c)),
    lambda c, s: s.prefers_content(c.randrange(len(s.words)), at=8, name=_op(c)),
    lambda c, s: s.reopened(c.randrange(9), said=9, name=_op(c)),
    lambda c, s: s.adopted(8, _who(c), lines=LINES, name=_op(c)),
    lambda c, s: s.retracts("C", said=9, type="cancelled"),
)


def _who(chance: Random) -> str:
    return chance.choice((OWNER, CARRIER))


def _op(chance: Random) -> str:
    return f"O{chance.randrange(3)}"


def contested(chance: Random, count: int) -> Story:
    """Few identities at few moments: most words contradict, repeat or resolve another."""
    story = shipment().departed(1, name="D", mode="sea")
    for _ in range(count):
        story = chance.choice(_SAID)(chance, story)
    return story


@settings(max_examples=400, deadline=None)
@given(
    st.builds(contested, st.randoms(use_true_random=False), st.integers(1, 9)),
    st.integers(0, 2**32).map(Random),
)
def test_no_order_or_repetition_of_contested_words_matters(story: Story, chance: Random) -> None:
    again = [*story.words, *chance.sample(story.words, chance.randrange(len(story.words) + 1))]
    chance.shuffle(again)
    assert listen(story).hear(*again).facts == hear(story).facts


def test_a_team_is_adopted_with_heads() -> None:
    heads = [{"line": 1, "item": "trainer", "quantity": 18, "unit": "IE"}]
    account = hear(deployment().planned("handed_over", 8).adopted(6, lines=heads), until=9)
    assert account.said("no_show") == ["raised day 8.5: warning unreported"]
