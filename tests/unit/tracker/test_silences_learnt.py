"""How past silences reach every partition, and what a delivery that is overdue is told by them."""

from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.delays import delay_adapter
from schemas.journal import Learnt
from schemas.publishers import Activity
from schemas.topics import ACTIVITY, DELAYS, EVENTS
from services.runtime.memory import MemoryDriver
from services.runtime.moments import to_ms
from services.runtime.partition import BROADCAST_KEY
from services.runtime.processor import Record
from services.tracker.core.learning import MOST_PUBLISHERS, NOTHING_PAST, Episode, Past
from services.tracker.known import NOTHING_KNOWN, Known, KnownProcessor
from tests.support.hearing import (
    aloud,
    hear,
    in_order_heard,
    journal_record,
    tick_record,
    tracker_job,
)
from tests.support.telling import OWNER, Json, Story, day, deployment, shipment


def vests(name: str, due: float, country: str = "EC", by: str = OWNER) -> Story:
    story = shipment(name).registered(vest=1, country=country, by=by)
    return story.planned("handed_over", due, by=by)


def delivered(story: Story, at: float, heard: float, by: str = OWNER) -> Story:
    return story.handed_over(at, 1, closed=True, heard=heard, by=by, name="H")


def truly_late(count: int, due: float = 10, silence: float = 5, **more: str) -> list[Story]:
    """Nobody reported for so many days, and then that they were late."""
    stories = [vests(f"LATE-{n}-{due}", due, **more) for n in range(count)]
    return [delivered(story, due + silence - 1, due + silence) for story in stories]


def paper_late(count: int, due: float = 10, silence: float = 3) -> list[Story]:
    """Nobody reported for so many days, and then that they had come in time."""
    stories = [vests(f"PAPER-{n}-{due}", due) for n in range(count)]
    return [delivered(story, due - 1, due + silence) for story in stories]


class Lived:
    """Stories as a tracker of several partitions heard them, and the journal as it became."""

    def __init__(self, *stories: Story, until: float, partitions: int = 1) -> None:
        self.driver = MemoryDriver(tracker_job(partitions=partitions))
        self.journal: list[Record] = []
        words = in_order_heard(stories)
        for hour in range(1, int(until * 24) + 1):  # as live, where each deadline has its tick
            at = day(0, hour)
            while words and words[0].heard_at <= at:
                word = words.pop(0)
                self._append(journal_record(word.event, word.heard_at))
            for number in range(partitions):
                self._append(tick_record(at, number))
        assert not self.driver.failures, self.driver.failures

    def _append(self, record: Record) -> None:
        written = self.driver.feed(record)
        self.journal.append(record)
        self.journal += [each for each in written if each.topic == EVENTS.full_name]

    def on(self, topic: str) -> list[Json]:
        return on(self.driver, topic)

    def said(self, subject_id: str, delay: str = "delivery_overdue") -> list[str]:
        return [aloud(each) for each in self.of(subject_id, delay)]

    def of(self, subject_id: str, delay: str = "delivery_overdue") -> list[Json]:
        told = self.on(DELAYS.full_name)
        return [x for x in told if (x["subject_id"], x["delay"]) == (subject_id, delay)]

    def taught(self) -> list[Json]:
        """What deliveries told publishers, in order."""
        said = self.on(ACTIVITY.full_name)
        return [each["delivery"] for each in said if "delivery" in each]

    @property
    def known(self) -> Known:
        return self.driver.state(KnownProcessor.name, BROADCAST_KEY) or NOTHING_KNOWN


def on(driver: MemoryDriver, topic: str) -> list[Json]:
    return [orjson.loads(r.value or b"") for r in driver.outputs if r.topic == topic]


def by_subject(driver: MemoryDriver) -> dict[str, list[Json]]:
    """Partitions are told one after the other, whose order says nothing."""
    told: dict[str, list[Json]] = {}
    for each in on(driver, DELAYS.full_name):
        told.setdefault(each["subject_id"], []).append(each)
    return told


def test_a_delivery_that_was_unreported_when_due_teaches_once() -> None:
    story = delivered(vests("A", 10), 12, heard=15)
    again = story.handed_over(12, 1, closed=True, heard=16, name="H").confirmed(17, 1).seen(18)
    lived = Lived(again, until=20)
    assert lived.taught() == [
        {
            "subject": "shipment/A",
            "due_at": "2026-01-11T00:00:00Z",
            "known_at": "2026-01-16T00:00:00Z",
            "delivered_at": "2026-01-13T00:00:00Z",
            "country": "EC",
        }
    ]
    (episode,) = lived.known.past.everyone.episodes
    assert episode == Episode(day(15), "shipment/A", day(15) - day(10), late=True, country="EC")
    assert lived.known.past.publishers[OWNER].episodes == (episode,)


@pytest.mark.parametrize(
    "story",
    [
        delivered(vests("A", 10), 12, heard=12).rebaselined("handed_over", 20, at=1),
        delivered(vests("A", 10), 9, heard=10),
        vests("A", 10).handed_over(11, 0).cancelled(14),
        vests("A", 10).lost(12, 1),
        shipment("A").registered(vest=1, heard=20).planned("handed_over", 10, heard=20),
    ],
    ids=["moved", "reported in time", "cancelled", "lost", "not known before"],
)
def test_what_teaches_nothing(story: Story) -> None:
    if story.words[0].heard_at == day(20):
        story = delivered(story, 12, heard=21)
    assert Lived(story, until=25).taught() == []


def test_a_revision_corrects_what_was_taught() -> None:
    story = delivered(vests("A", 10), 12, heard=15)
    lived = Lived(story.revises("H", said=18, at=9), until=20)
    first, second = lived.taught()
    assert (first["delivered_at"], second["delivered_at"]) == (
        "2026-01-13T00:00:00Z",
        "2026-01-10T00:00:00Z",
    )
    assert lived.known.past.everyone.episodes == (
        Episode(day(18), "shipment/A", day(15) - day(10), late=False, country="EC"),
    )


def test_a_report_that_is_retracted_ended_no_silence_in_time() -> None:
    story = delivered(vests("A", 10), 9, heard=15).retracts("H", said=18)
    lived = Lived(story, until=20)
    assert [each.get("delivered_at") for each in lived.taught()] == ["2026-01-10T00:00:00Z", None]
    assert [each.late for each in lived.known.past.everyone.episodes] == [True]
    again = Lived(story.handed_over(10, 1, closed=True, heard=30), until=31)
    assert again.known.past.everyone.episodes == (
        Episode(day(30), "shipment/A", day(30) - day(10), late=False, country="EC"),
    )


def test_a_publisher_that_was_truly_late_is_believed_at_once_and_in_one_sentence() -> None:
    lived = Lived(*truly_late(4), vests("B", 30), until=32)
    (raised,) = lived.of("B")
    assert aloud(raised) == "raised day 31: critical likely"
    assert raised["evidence"]["learnt"] == {
        "times": 4,
        "late": 4,
        "publisher": OWNER,
        "country": "EC",
    }
    assert (
        f"Of the last 4 times {OWNER} was silent this long about a delivery to EC, "
        "4 were truly late." in raised["sentence"]
    )


def test_elsewhere_the_publisher_itself_is_asked() -> None:
    lived = Lived(*truly_late(4), vests("B", 30, country="PE"), until=32)
    (raised,) = lived.of("B")
    assert f"Of the last 4 times {OWNER} was silent this long, 4 were" in raised["sentence"]
    assert raised["evidence"]["learnt"]["country"] is None


def test_of_others_everyone_is_asked_once_enough_is_known() -> None:
    other = vests("B", 30, by="US-FBI")
    few = Lived(*truly_late(9), other, until=32)
    assert few.said("B") == ["raised day 31: warning unreported"]
    lived = Lived(*truly_late(10), other, until=32)
    (raised,) = lived.of("B")
    assert "Of the last 10 times anybody was silent this long, 10 were" in raised["sentence"]


def test_where_the_paper_is_late_a_silence_is_believed_when_the_paper_would_have_come() -> None:
    lived = Lived(*paper_late(6), *truly_late(3), vests("B", 30), until=34)
    raised, changed = lived.of("B")
    assert [aloud(raised), aloud(changed)] == [
        "raised day 31: warning unreported",
        "changed, late since day 31: critical likely",
    ]
    assert raised["next_step"]["at"] == "2026-02-03T00:00:00Z", "due and three days"
    assert "learnt" not in raised["evidence"]
    assert changed["evidence"]["learnt"]["times"] == 3


def test_what_is_only_late_paper_stays_unreported() -> None:
    lived = Lived(*paper_late(6, silence=16), vests("B", 30), until=60)
    assert lived.said("B") == ["raised day 31: warning unreported"]
    assert lived.of("B")[0]["next_step"] is None


def test_what_was_believed_stays_so_whatever_is_learnt() -> None:
    harmless = paper_late(30, due=26, silence=6)
    victim = delivered(vests("B", 30), 38, heard=40)
    moved = vests("C", 30).rebaselined("handed_over", 31, at=33)
    lived = Lived(*truly_late(4), *harmless, victim, moved, until=41)
    raised, cleared = lived.of("B")
    assert raised["severity"] == "critical"
    assert cleared["evidence"]["learnt"] == raised["evidence"]["learnt"]
    assert lived.said("C") == [
        "raised day 31: critical likely",
        "changed, late since day 32: critical likely",
    ]
    lived = Lived(*truly_late(4), *harmless, vests("D", 33), until=41)
    assert lived.said("D") == ["raised day 34: warning unreported"]


def test_a_team_that_does_not_show_up_is_judged_alike_until_some_of_it_do() -> None:
    team = deployment("T").registered(trainer=10, country="EC").planned("handed_over", 30)
    lived = Lived(*truly_late(4), team, until=32)
    assert lived.said("T", "no_show") == ["raised day 30.5: critical likely"]
    some = Lived(*truly_late(4), team.handed_over(30.25, 6), until=32)
    assert some.said("T", "no_show") == ["raised day 30.5: critical likely"]
    assert "learnt" not in some.of("T", "no_show")[0]["evidence"]


def test_it_is_told_at_the_full_hour_and_only_when_something_is_new() -> None:
    lived = Lived(*truly_late(4), until=30, partitions=3)
    told = [each for each in lived.on(EVENTS.full_name) if each["type"] == "learnt"]
    assert [len(each["deliveries"]) for each in told] == [4, 4, 4]
    assert {each["at"] for each in told} == {"2026-01-16T00:00:00Z"}


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
        assert Activity.model_validate_json(orjson.dumps(said)).model_dump(mode="json") == said
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
    told = [r.key for r in said if "delivery" in orjson.loads(r.value or b"")]
    assert told == [f"publisher/{OWNER}".encode()]
