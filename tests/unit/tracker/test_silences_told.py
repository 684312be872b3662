"""How past silences reach every partition: in any order, again from the journal, within bounds."""

from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.delays import delay_adapter
from schemas.journal import Learnt
from schemas.publishers import Activities
from schemas.topics import ACTIVITY, DELAYS, EVENTS
from services.runtime.memory import MemoryDriver
from services.runtime.moments import to_ms
from services.runtime.processor import Record
from services.tracker.core.learning import MOST_PUBLISHERS, NOTHING_PAST, Episode, Past
from services.tracker.known import NOTHING_KNOWN, KnownProcessor
from tests.support.hearing import hear, tracker_job
from tests.support.silences import Lived, by_subject, delivered, on, paper_late, truly_late, vests
from tests.support.telling import OWNER, Story, day, shipment


def test_it_is_told_at_the_full_hour_and_only_when_something_is_new() -> None:
    lived = Lived(*truly_late(4), until=30, partitions=3)
    told = [each for each in lived.on(EVENTS.full_name) if each["type"] == "learnt"]
    assert [len(each["deliveries"]) for each in told] == [4, 4, 4]
    assert {each["at"] for each in told} == {"2026-01-16T01:00:00Z"}


@pytest.mark.parametrize("partitions", [2, 3, 7])
def test_partitions_do_not_matter(partitions: int) -> None:
    stories = [*paper_late(6), *truly_late(3), vests("B", 30), vests("C", 31, country="PE")]
    one, several = Lived(*stories, until=50), Lived(*stories, until=50, partitions=partitions)
    for subject in ("B", "C"):
        assert several.of(subject) == one.of(subject)
    known = several.driver.states(KnownProcessor.name)
    assert [state.past for _, state in known] == partitions * [one.known.past]


EPISODES = st.lists(
    st.builds(
        Episode,
        st.integers(0, 40).map(day),
        st.integers(0, 9).map("shipment/{}".format),
        st.integers(1, 20).map(lambda days: day(days) - day(0)),
        st.booleans(),
        st.sampled_from(["", "EC", "PE"]),
    ),
    max_size=30,
)


@given(EPISODES, st.randoms(use_true_random=False))
def test_the_order_and_number_of_learnt_records_does_not_matter(
    episodes: list[Episode], chance: Random
) -> None:
    records = [_learnt(episode) for episode in episodes]
    again = [*records, *records[:5]]
    chance.shuffle(again)
    assert _folded(again) == _folded(records)


def _learnt(episode: Episode) -> Record:
    """A subject's deliveries are always the same publisher's."""
    at, subject, silence, late, country = (
        episode.recorded_at,
        episode.subject,
        episode.silence,
        episode.late,
        episode.country,
    )
    said = {
        "type": "learnt",
        "at": at,
        "publisher": f"P-{int(subject[-1]) % 3}",
        "deliveries": [
            {
                "at": at,
                "subject": subject,
                "country": country,
                "silence": f"PT{int(silence.total_seconds())}S",
                "late": late,
            }
        ],
    }
    headers = (("at", b"%d" % to_ms(at)),)
    return Record(EVENTS.full_name, None, orjson.dumps(said), headers, 0)


def _folded(records: list[Record]) -> Past:
    processor, known = KnownProcessor(), NOTHING_KNOWN
    for record in records:
        outcome = processor.on_record(record, known, None, day(50))
        known = outcome.state or known
    return known.past


def test_what_is_kept_is_bounded() -> None:
    past = NOTHING_PAST
    for number in range(MOST_PUBLISHERS + 10):
        episode = Episode(day(number), f"shipment/{number}", day(2) - day(1), late=True)
        past = past.with_ended(f"P-{number}", [episode])
    assert len(past.publishers) == MOST_PUBLISHERS
    assert "P-9" not in past.publishers
    assert len(past.everyone.episodes) == 128


class Delivering:
    """Random deliveries of three publishers to two countries, some corrected, some never made."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def stories(self) -> list[Story]:
        return [self._story(number) for number in range(30)]

    def _story(self, number: int) -> Story:
        chance, due = self._chance, self._chance.randrange(5, 35)
        by, country = chance.choice((OWNER, "US-FBI", "US-USSS")), chance.choice(("EC", "PE"))
        story = vests(f"S-{number}", due, country, by)
        if chance.random() < 0.2:
            return story
        at = due + chance.choice((-1, -1, 0, 2, 8))
        heard = at + chance.choice((0, 1, 5, 12))
        story = delivered(story, at, heard, by)
        if chance.random() < 0.2:
            story = story.retracts("H", said=heard + 2)
        elif chance.random() < 0.2:
            story = story.revises("H", said=heard + 3, at=at + chance.choice((-2, 4)))
        if chance.random() < 0.2:
            story = story.rebaselined("handed_over", due + 1, at=due + 3)
        return story


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([1, 3]))
def test_the_journal_tells_again_what_was_told_and_nothing_is_unbelieved(
    seed: int, partitions: int
) -> None:
    lived = Lived(*Delivering(Random(seed)).stories(), until=60, partitions=partitions)
    again = MemoryDriver(tracker_job(partitions=partitions), whole_journal=True)
    for record in lived.journal:
        again.feed(record)
    assert by_subject(again) == by_subject(lived.driver)
    likely: dict[object, bool] = {}
    for told in lived.on(DELAYS.full_name):
        before = likely.get(told["delay_id"], False)
        likely[told["delay_id"]] = told["confidence"] == "likely"
        assert likely[told["delay_id"]] >= before, told["sentence"]


def test_all_that_is_written_is_of_the_contract() -> None:
    story = delivered(vests("A", 10), 12, heard=15).retracts("H", said=18)
    lived = Lived(*truly_late(4), story, vests("B", 30), until=32)
    assert any(each["deliveries"] for each in lived.on(EVENTS.full_name))
    for said in lived.on(EVENTS.full_name):
        assert Learnt.model_validate_json(orjson.dumps(said)).model_dump(mode="json") == said
    for said in lived.on(ACTIVITY.full_name):
        assert Activities.model_validate_json(orjson.dumps(said)).model_dump(mode="json") == said
    for said in lived.on(DELAYS.full_name):
        delay_adapter.validate_json(orjson.dumps(said))


def test_who_is_restarted_knows_what_was_learnt() -> None:
    stories = [*paper_late(6), *truly_late(3), vests("B", 30)]
    lived = Lived(*stories, until=34)
    fresh = MemoryDriver(tracker_job(), whole_journal=True)
    for record in lived.journal:
        fresh.feed(record)
        fresh.restart()
    assert on(fresh, DELAYS.full_name) == lived.on(DELAYS.full_name)


def test_without_a_due_moment_of_a_plan_nobody_reported_what_was_promised() -> None:
    """Terms of a promise are no publisher's plan: who registered it is asked."""
    story = shipment("A").registered(vest=1, commitment="US-EC-1", country="EC")
    promise = Story("commitment", "US-EC-1").committed(10, vest=1)
    account = hear(promise, delivered(story, 12, heard=15))
    said = [r for r in account.driver.outputs if r.topic == ACTIVITY.full_name]
    told = [r.key for r in said if any("delivery" in x for x in orjson.loads(r.value or b""))]
    assert told == [f"publisher/{OWNER}".encode()]
