"""What past silences tell of one that lasts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracker.core.learning import (
    Belief,
    Believed,
    Ended,
    Episode,
    Odds,
    Silences,
    believed_at,
    episode_of,
    learn,
)
from tests.support.odds import odds

DAY = timedelta(days=1)
DUE = datetime(2026, 3, 1, tzinfo=UTC)
BELIEF = Belief()
FEW = Belief(least_of_all=1)


def past(*ended: tuple[int, int, bool]) -> Silences:
    """Each recorded so many days before DUE, after so many days of silence, late or not."""
    silences = Silences()
    for number, (ago, silence, late) in enumerate(ended):
        episode = Episode(DUE - ago * DAY, f"shipment/{number}", silence * DAY, late)
        silences = learn(silences, [episode])
    return silences


EVERYONE = past(*[(n, 9, n % 10 == 0) for n in range(1, 31)])


def test_a_report_that_came_by_the_due_moment_is_no_episode() -> None:
    ended = Ended("shipment/A", DUE, DUE, DUE - 2 * DAY)
    assert episode_of(ended, DUE + DAY) is None


def test_an_episode_tells_whether_the_goods_or_the_paper_was_late() -> None:
    known = told = DUE + 5 * DAY
    paper = episode_of(Ended("shipment/A", DUE, known, DUE), told)
    goods = episode_of(Ended("shipment/A", DUE, known, DUE + 4 * DAY), told)
    assert paper == Episode(told, "shipment/A", 5 * DAY, late=False)
    assert goods == Episode(told, "shipment/A", 5 * DAY, late=True)


def test_a_report_that_did_not_stand_ended_a_silence_that_meant_lateness() -> None:
    known, told = DUE + 5 * DAY, DUE + 7 * DAY
    false = episode_of(Ended("shipment/A", DUE, known), told)
    assert false == Episode(told, "shipment/A", 5 * DAY, late=True)


def test_a_publisher_that_was_truly_late_each_time_is_believed_at_once() -> None:
    own = past((30, 4, True), (20, 5, True), (10, 6, True))
    assert believed_at(DUE, [EVERYONE, own]) == Believed(DUE, Odds(3, 3, 1))


def test_a_publisher_whose_paper_was_late_is_believed_once_its_paper_would_have_come() -> None:
    own = past(*[(n, 2, False) for n in range(1, 9)], *[(n, 9, True) for n in range(11, 15)])
    assert believed_at(DUE, [EVERYONE, own]) == Believed(DUE + 2 * DAY, Odds(4, 4, 1))


def test_a_publisher_whose_paper_is_always_late_is_not_believed() -> None:
    own = past(*[(n, 40, False) for n in range(1, 20)])
    assert believed_at(DUE, [EVERYONE, own]) is None


def test_too_few_silences_as_long_fall_back_to_the_wider_group() -> None:
    publisher = past((3, 5, True), (4, 5, True), (5, 5, False))
    country = past((3, 5, False), (4, 5, False))
    groups = [EVERYONE, publisher, country]
    assert odds(groups, DUE, DUE) == Odds(2, 3, 1)
    assert odds(groups, DUE, DUE + 5 * DAY) == Odds(3, 30, 0)


def test_old_episodes_tell_nothing_of_a_publisher_but_of_everyone() -> None:
    old = past((121, 5, True), (122, 5, True), (123, 5, True))
    assert odds([EVERYONE, old], DUE, DUE).group == 0
    assert odds([old], DUE, DUE, FEW) == Odds(3, 3, 0)


def test_an_episode_is_not_known_before_it_is_recorded() -> None:
    later = past((-2, 5, True))
    assert odds([later], DUE, DUE + DAY, FEW) == Odds()
    assert believed_at(DUE, [later], FEW) == Believed(DUE + 2 * DAY, Odds(1, 1, 0))


@pytest.mark.parametrize(("made", "late"), [(0, False), (1, False), (2, True), (3, True)])
def test_what_was_made_within_the_patience_of_its_rules_was_not_late(made: int, late: bool) -> None:
    ended = Ended("shipment/A", DUE, DUE + 9 * DAY, DUE + made * DAY, late_at=DUE + 2 * DAY)
    episode = episode_of(ended, DUE + 9 * DAY)
    assert episode is not None
    assert episode.late is late


def test_where_nothing_is_learnt_of_silences_as_long_one_is_believed_at_the_end() -> None:
    at_the_end = Believed(DUE + BELIEF.within, Odds())
    shorter = past(*[(n, 13, False) for n in range(1, 31)])
    few = past(*[(n, 30, True) for n in range(1, 10)])
    for known in (Silences(), shorter, few):
        assert believed_at(DUE, [known]) == at_the_end
    as_long = past(*[(n, 13, False) for n in range(1, 31)], (31, 15, False))
    assert believed_at(DUE, [as_long]) is None


def test_a_corrected_report_replaces_the_episode_of_its_subject() -> None:
    first = Episode(DUE, "shipment/A", 3 * DAY, late=False)
    corrected = Episode(DUE + DAY, "shipment/A", 4 * DAY, late=True)
    for order in ([first, corrected], [corrected, first]):
        assert learnt(order) == Silences((corrected,))


def test_only_the_latest_count_and_a_moment_that_has_passed_is_told_from_those_known_then() -> None:
    before = [(n, 9, True) for n in range(1, 65)]
    after = [(-n, 9, False) for n in range(1, 65)]
    groups = [past(*before, *after)]
    assert odds(groups, DUE, DUE) == Odds(64, 64, 0)
    assert odds(groups, DUE, DUE + DAY) == Odds(63, 64, 0)


def learnt(episodes: Sequence[Episode], kept: int = BELIEF.kept) -> Silences:
    silences = Silences()
    for episode in episodes:
        silences = learn(silences, [episode], kept)
    return silences


EPISODES = st.lists(
    st.builds(
        Episode,
        recorded_at=st.integers(-150, 20).map(lambda day: DUE + day * DAY),
        subject=st.sampled_from([f"shipment/{n}" for n in range(12)]),
        silence=st.integers(1, 30).map(lambda days: days * DAY),
        late=st.booleans(),
    ),
    max_size=20,
)


@given(EPISODES, st.randoms(use_true_random=False))
def test_the_order_in_which_episodes_are_learnt_does_not_matter(episodes, chance) -> None:
    shuffled = [*episodes, *episodes[:3]]
    chance.shuffle(shuffled)
    assert learnt(shuffled, 5) == learnt(episodes, 5)
    assert len(learnt(episodes, 5).episodes) <= 5


@given(EPISODES, EPISODES, EPISODES)
def test_what_is_believed_keeps_to_its_bounds(everyone, publisher, country) -> None:
    groups = [learnt(everyone), learnt(publisher), learnt(country)]
    believed = believed_at(DUE, groups)
    if believed is None:
        assert any(group.episodes for group in groups)
        return
    assert DUE <= believed.at <= DUE + BELIEF.within
    late, silent, group = believed.odds
    if group is None:
        assert believed.at == DUE + BELIEF.within
        return
    assert believed.odds == odds(groups, DUE, believed.at)
    assert BELIEF.share * silent <= late <= silent
    assert silent >= (BELIEF.least if group else 1)


@given(EPISODES, EPISODES)
def test_no_earlier_moment_would_have_been_believed(everyone, publisher) -> None:
    groups = [learnt(everyone), learnt(publisher)]
    believed = believed_at(DUE, groups)
    for hours in range(0, 14 * 24 + 1, 6):
        at = DUE + timedelta(hours=hours)
        told = odds(groups, DUE, at)
        if told.silent and told.late >= BELIEF.share * told.silent:
            assert believed is not None
            assert believed.at <= at


@given(EPISODES, EPISODES)
def test_to_ask_for_more_never_makes_a_belief_earlier(everyone, publisher) -> None:
    groups = [learnt(everyone), learnt(publisher)]
    asking = msgspec.structs.replace(BELIEF, share=Fraction(9, 10))
    strict = believed_at(DUE, groups, asking)
    lax = believed_at(DUE, groups)
    if strict is not None:
        assert lax is not None
        assert lax.at <= strict.at


@given(EPISODES, EPISODES)
def test_what_is_learnt_later_does_not_move_a_moment_that_has_passed(before, later) -> None:
    known = learnt([each for each in before if each.recorded_at <= DUE])
    names = {each.subject for each in known.episodes}
    new = [e for e in later if e.recorded_at > DUE + 5 * DAY and e.subject not in names]
    more = learnt([*known.episodes, *new])
    believed = believed_at(DUE, [known])
    if believed is not None and believed.at <= DUE + 5 * DAY:
        assert believed_at(DUE, [more]) == believed
