"""How a publisher is known: counted whatever the order, in bounded windows, silent when it is."""

from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import orjson
from hypothesis import given
from hypothesis import strategies as st

from schemas.delays import delay_adapter
from schemas.journal import Learnt as WireLearnt
from schemas.publishers import KEY
from schemas.publishers import Activity as WireActivity
from schemas.publishers import Publisher as WirePublisher
from schemas.records import RECORDS
from schemas.topics import ACTIVITY, DELAYS, EVENTS, PUBLISHERS
from services.runtime.memory import MemoryDriver, MemoryStore
from services.runtime.partition import Partition
from services.runtime.processor import Record
from services.tracker.codec import StructCodec
from services.tracker.core.activity import Activity, joined
from services.tracker.core.learning import Ended
from services.tracker.core.learnt import Learnt, Silence
from services.tracker.core.limits import DEFAULT_LIMITS, HOUR
from services.tracker.core.publisher import WINDOW, Asked, Publisher, heard, quantile
from services.tracker.core.publisher_view import spoken
from services.tracker.core.publisher_watch import look, silent_since, take
from services.tracker.core.view import dumps
from services.tracker.known import Known, KnownProcessor
from services.tracker.publishers import PublishersProcessor
from tests.support.hearing import in_order_heard, journal_record, replay, tick_record, tracker_job
from tests.support.telling import BEGINNING, CARRIER, Json, Story, day, shipment

FATES = ("applied", "contact", "duplicate", "stale", "conflict")


def activity(minutes: int, lag: int = 0, fate: str = "applied", **more: object) -> Activity:
    at = BEGINNING + timedelta(minutes=minutes)
    said: Json = {"type": "arrived", "classifier": "actual", "kind": "shipment", **more}
    return Activity(at, fate, occurred_at=at - timedelta(minutes=lag), **said)  # type: ignore[arg-type]


activities = st.builds(
    activity,
    st.integers(0, 10_000),
    st.integers(-5, 5000),
    st.sampled_from(FATES),
    mode=st.sampled_from(("road", "sea", None)),
    classifier=st.sampled_from(("actual", "planned")),
    correction=st.booleans(),
)


def contact(minutes: int) -> Activity:
    return Activity(BEGINNING + timedelta(minutes=minutes))


def after(said: list[Activity]) -> Publisher:
    publisher = Publisher(CARRIER, said[0].at if said else BEGINNING)
    for each in said:
        publisher = heard(publisher, each)
    return publisher


@given(st.lists(activities, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_no_order_changes_the_counters(said: list[Activity], chance: Random) -> None:
    other = list(said)
    chance.shuffle(other)
    one, two = after(said), after(other)
    assert (one.counts, one.heard_at, one.moving) == (two.counts, two.heard_at, two.moving)
    # As long as no window is full, only the intervals depend on the order.
    assert {n: sorted(x) for n, x in one.lags.items()} == {
        n: sorted(x) for n, x in two.lags.items()
    }


@given(st.lists(activities, min_size=1, max_size=20))
def test_what_is_told_again_is_a_duplicate_and_teaches_nothing(said: list[Activity]) -> None:
    again = [msgspec.structs.replace(each, fate="duplicate") for each in said]
    once, twice = after(said), after([*said, *again])
    assert twice.lags == once.lags
    assert twice.counts.duplicates == once.counts.duplicates + len(again)
    assert twice.counts.conflicts == once.counts.conflicts


def test_windows_are_bounded_and_a_state_comes_back_from_its_bytes() -> None:
    modes = ("air", "sea", "road", "rail", "inland_water", None)
    said = [activity(n * 7, n % 90, mode=modes[n % 6]) for n in range(20 * WINDOW)]
    publisher, codec = after(said), StructCodec(Publisher)
    assert {len(lags) for lags in publisher.lags.values()} == {WINDOW}
    assert len(publisher.intervals) == WINDOW // 2
    assert len(codec.encode(publisher)) < 4_000
    assert codec.decode(codec.encode(publisher)) == publisher


def test_what_a_lag_is_learnt_from() -> None:
    words = [
        activity(10, 60),
        activity(20, 60, type="registered"),
        activity(30, 60, correction=True),
        activity(40, 60, fate="duplicate"),
        activity(50, -5),
        activity(60, 60, classifier="planned"),
    ]
    publisher = after(words)
    assert publisher.lags == {"shipment/": (3600, 0)}
    assert publisher.counts.future_stamps == 1


def test_quantiles_are_exact() -> None:
    assert quantile(range(1, 11), 50) == timedelta(seconds=5)
    assert quantile(range(1, 11), 90) == timedelta(seconds=9)
    assert quantile([7], 90) == timedelta(seconds=7)


def test_a_group_that_says_too_little_is_left_to_the_whole() -> None:
    said = [activity(n, 90, mode="road") for n in range(19)]
    assert after(said).learnt_groups() == ()
    said.append(activity(20, 90, mode="sea"))
    groups = after(said).learnt_groups()
    assert [(g.kind, g.mode, g.reports, g.lag) for g in groups] == [(None, None, 20, 2 * HOUR)]
    said.append(activity(21, 90, mode="road"))
    assert [g.mode for g in after(said).learnt_groups()] == [None, "road"]


def hourly(count: int, moving: int = 1) -> Publisher:
    return msgspec.structs.replace(after([activity(60 * n) for n in range(count)]), moving=moving)


def test_who_reports_hourly_is_silent_after_four_hours_if_anything_moves() -> None:
    last = BEGINNING + 8 * HOUR
    assert silent_since(hourly(9), DEFAULT_LIMITS) == last + 4 * HOUR
    assert silent_since(hourly(8), DEFAULT_LIMITS) is None
    assert silent_since(hourly(9, moving=0), DEFAULT_LIMITS) is None
    often = msgspec.structs.replace(after([activity(5 * n) for n in range(20)]), moving=1)
    assert silent_since(often, DEFAULT_LIMITS) == often.heard_at + HOUR


def test_others_who_speak_of_what_it_moves_put_it_off() -> None:
    spoken_of = heard(hourly(9), Activity(BEGINNING + 10 * HOUR))
    assert silent_since(spoken_of, DEFAULT_LIMITS) == BEGINNING + 14 * HOUR


def test_what_is_sent_at_once_is_one_sending() -> None:
    publisher = after([activity(1440 * n // 5) for n in range(10) for _ in range(50)])
    assert publisher.interval == timedelta(minutes=288)


def test_a_silence_is_told_only_when_every_partition_has_answered() -> None:
    now = BEGINNING + 12 * HOUR
    asked = look(hourly(9), DEFAULT_LIMITS, range(2), now)
    assert (asked.asks, asked.tells, asked.publisher.silence) == (True, True, None)
    answers = [Activity(now, answers=now, partition=number) for number in range(2)]
    one = take(asked.publisher, answers[:1], DEFAULT_LIMITS, now)
    assert (one.tells, one.publisher.silence) == (False, None)
    both = take(one.publisher, answers[1:], DEFAULT_LIMITS, now)
    assert both == take(asked.publisher, answers, DEFAULT_LIMITS, now)
    assert both.tells
    assert both.publisher.silence is not None
    # A word that was still in a backlog comes before the answer, and then nobody is silent.
    late = take(one.publisher, [activity(60 * 11), answers[1]], DEFAULT_LIMITS, now)
    assert (late.tells, late.publisher.silence) == (False, None)
    # One that comes behind it, but in the same flush, ends the silence before it is told.
    ended = take(asked.publisher, [*answers, activity(60 * 13)], DEFAULT_LIMITS, now)
    assert (ended.tells, ended.publisher.silence) == (True, None)


def test_a_question_that_nobody_answers_is_asked_again() -> None:
    now = BEGINNING + 12 * HOUR
    asked = look(hourly(9), DEFAULT_LIMITS, range(1), now).publisher
    assert asked.look_at == now + HOUR
    assert not look(asked, DEFAULT_LIMITS, range(1), now + HOUR / 2).asks
    assert look(asked, DEFAULT_LIMITS, range(1), now + HOUR).asks


def test_a_silence_that_a_rebuild_forgot_is_over_when_the_publisher_speaks() -> None:
    """Windows are made anew in another order: then a publisher may not be silent by them."""
    since = BEGINNING + 12 * HOUR
    silence = Silence(since, BEGINNING + 8 * HOUR, 4 * HOUR, HOUR, 1)
    known = Known(publishers={CARRIER: Learnt(BEGINNING, silence=silence, silences=1)})
    processor, key = PublishersProcessor(1), f"publisher/{CARRIER}".encode()
    rebuilt = take(hourly(9), [activity(60 * 20)], DEFAULT_LIMITS, since).publisher
    now = BEGINNING + 21 * HOUR
    (said,) = (r for r in processor.on_deadline(key, rebuilt, known, now).out if r.key is None)
    out = KnownProcessor().on_record(said, known, known, now).out
    assert [orjson.loads(r.value or b"")["type"] for r in out] == ["delay_cleared"]
    over = KnownProcessor().on_record(said, known, known, now).state
    assert [r for r in processor.on_deadline(key, rebuilt, over, now).out if r.key is None] == []


def test_where_nothing_was_heard_yet_time_is_that_of_what_is_said() -> None:
    # A partition without a record stands at 1970: nothing may be told, or due, at such a moment.
    processor, key = PublishersProcessor(2), f"publisher/{CARRIER}".encode()
    ended = Ended("shipment/A", day(1), known_at=day(3), delivered_at=day(2), country="EC")
    value, beginning = dumps([Activity(day(3), delivery=ended)]), datetime(1970, 1, 1, tzinfo=UTC)
    said = processor.on_record(Record(ACTIVITY.full_name, key, value), None, None, beginning)
    assert said.deadline == day(3) + HOUR
    assert said.state is not None
    told = processor.on_deadline(key, said.state, None, said.deadline)
    assert [WireLearnt.model_validate_json(each.value or b"").at for each in told.out] == [
        said.deadline,
        said.deadline,
    ]


def test_how_long_is_said() -> None:
    spans = (timedelta(minutes=1), timedelta(minutes=100), HOUR, 2 * HOUR, 24 * HOUR, 72 * HOUR)
    said = ["minute", "100 minutes", "hour", "2 hours", "24 hours", "3 days"]
    assert [spoken(span) for span in spans] == said


def world(*stories: Story, until: float, partitions: int = 3) -> MemoryDriver:
    """Told to a tracker of several partitions; time goes on in all of them by the quarter."""
    driver = MemoryDriver(tracker_job(partitions=partitions))
    words, at = in_order_heard(stories), BEGINNING
    while at < day(until):
        at += HOUR / 4
        while words and words[0].heard_at <= at:
            driver.feed(journal_record(words[0].event, words.pop(0).heard_at))
        for number in range(partitions):
            driver.feed(tick_record(at, number))
    assert not driver.failures, driver.failures
    return driver


def on(driver: MemoryDriver, topic: str) -> list[Json]:
    return [orjson.loads(r.value or b"") for r in driver.outputs if r.topic == topic]


def convoy(stops: float, again: float | None = None) -> list[Story]:
    """Three shipments by road whose carrier tells hourly where one of them is, then stops."""
    stories = [shipment(f"EC-{n}").registered(vest=10).planned("handed_over", 20) for n in range(3)]
    stories = [story.departed(0.1, mode="road", by=CARRIER) for story in stories]
    hours = [n / 24 for n in range(4, int(stops * 24) + 1)]
    for number, at in enumerate([*hours, *([] if again is None else [again])]):
        stories[number % 3] = stories[number % 3].seen(at, by=CARRIER)
    return stories


def silences(driver: MemoryDriver) -> list[Json]:
    return [d for d in on(driver, DELAYS.full_name) if d["delay"] == "publisher_silent"]


def test_a_publisher_that_stops_is_one_alert_that_stands_for_all_it_moves() -> None:
    driver = world(*convoy(stops=1, again=2), until=2.1)
    said = [(d["type"], d["seq"], d["late_since"], d.get("ended_at")) for d in silences(driver)]
    raised_at, ended_at = "2026-01-02T04:00:00Z", "2026-01-03T00:00:00Z"
    assert said == [
        ("delay_raised", 1, raised_at, None),
        ("delay_cleared", 2, raised_at, ended_at),
    ]
    assert silences(driver)[0]["sentence"] == (
        "Publisher EC-TRANSANDES has not been heard of since 2 Jan 2026, though it usually "
        "reports every hour; a word was due by 2 Jan 2026 04:00Z. 3 subjects are on the move by "
        "its word, and silent with it."
    )
    names = {d["delay"] for d in on(driver, DELAYS.full_name) if d["raised_at"] < ended_at}
    assert "silent" not in names, "the publisher's alert stands for theirs"


def test_when_it_speaks_of_one_the_others_are_silent_by_themselves() -> None:
    driver = world(*convoy(stops=1, again=2), until=2.4)
    late = [d for d in on(driver, DELAYS.full_name) if d["delay"] == "silent"]
    assert len({d["subject_id"] for d in late}) == 2


def test_without_anything_on_the_move_nobody_is_silent() -> None:
    story = shipment().registered(vest=1)
    for n in range(24):
        story = story.seen(n / 24, by=CARRIER)
    assert silences(world(story, until=3)) == []


def test_the_journal_tells_again_what_was_told() -> None:
    driver = world(*convoy(stops=1, again=2), until=2.4, partitions=1)
    records: list[Record] = []
    live = MemoryDriver(tracker_job())
    words, at = in_order_heard(convoy(stops=1, again=2)), BEGINNING
    while at < day(2.4):
        at += HOUR / 4
        while words and words[0].heard_at <= at:
            records.append(journal_record(words[0].event, words.pop(0).heard_at))
            records += _journalled(live.feed(records[-1]))
        records.append(tick_record(at))
        records += _journalled(live.feed(records[-1]))
    assert on(live, DELAYS.full_name) == on(driver, DELAYS.full_name)
    told = replay(records, whole_journal=True)
    assert on(told, DELAYS.full_name) == on(live, DELAYS.full_name)
    assert on(told, PUBLISHERS.full_name) == on(live, PUBLISHERS.full_name)


def _journalled(written: list[Record]) -> list[Record]:
    return [record for record in written if record.topic == EVENTS.full_name]


def test_all_that_is_written_is_of_the_contract() -> None:
    driver = world(*convoy(stops=1, again=2), until=2.4)
    for said in on(driver, EVENTS.full_name):
        assert WireLearnt.model_validate_json(orjson.dumps(said)).model_dump(mode="json") == said
    for said in on(driver, PUBLISHERS.full_name):
        assert WirePublisher.model_validate_json(orjson.dumps(said)).model_dump(mode="json") == said
    for said in on(driver, ACTIVITY.full_name):
        for each in said:
            wire = WireActivity.model_validate_json(orjson.dumps(each))
            assert wire.model_dump(mode="json") == each
        RECORDS["activity"].adapter.validate_json(orjson.dumps(said))
    for said in on(driver, DELAYS.full_name):
        delay_adapter.validate_json(orjson.dumps(said))


def answer(minutes: int, partition: int) -> Activity:
    return Activity(BEGINNING + timedelta(minutes=minutes), answers=BEGINNING, partition=partition)


spoken_of = st.one_of(
    activities,
    st.builds(contact, st.integers(0, 10_000)),
    st.builds(answer, st.integers(0, 10_000), st.integers(0, 1)),
)


@given(st.lists(spoken_of, max_size=40))
def test_what_is_said_in_one_flush_counts_as_if_said_singly(said: list[Activity]) -> None:
    said.sort(key=lambda each: each.at)
    now = BEGINNING + 200 * HOUR
    asked = Asked(BEGINNING, (0, 1))
    known = Publisher(CARRIER, BEGINNING, intervals=8 * (3600,), moving=1, asked=asked)
    singly = known
    for each in said:
        singly = take(singly, [each], DEFAULT_LIMITS, now).publisher
    assert take(known, joined(said), DEFAULT_LIMITS, now).publisher == singly


def test_of_contacts_the_last_is_told_and_the_last_before_an_answer() -> None:
    said = [contact(1), contact(2), answer(3, 0), contact(4), activity(5), contact(6)]
    assert joined(said) == [contact(2), answer(3, 0), activity(5), contact(6)]
    known = Publisher(CARRIER, BEGINNING, intervals=8 * (3600,), moving=1)
    known = msgspec.structs.replace(known, asked=Asked(BEGINNING, (0,)))
    turn = take(known, joined(said[1:4]), DEFAULT_LIMITS, BEGINNING + HOUR)
    assert turn.publisher.silence is None, "one of its subjects was heard of before the answer"


def test_a_single_activity_is_read_as_builds_before_wrote_it() -> None:
    key, job = f"{KEY}{CARRIER}".encode(), tracker_job()
    now, one, two = BEGINNING + HOUR, MemoryDriver(job), MemoryDriver(job)
    for driver, value in ((one, activity(60)), (two, [activity(60)])):
        driver.feed(tick_record(now))
        driver.feed(Record(ACTIVITY.full_name, key, dumps(value)))
    assert one.state("publishers", key).counts.reports == 1
    assert one.state("publishers", key) == two.state("publishers", key)


def test_a_flush_tells_a_publisher_once_whatever_many_movements_say() -> None:
    partition = Partition(tracker_job(), 0, MemoryStore())
    for word in in_order_heard(convoy(stops=1, again=2)):
        partition.handle(journal_record(word.event, word.heard_at))
    told = [r for r in partition.take().outputs if r.topic == ACTIVITY.full_name]
    assert len({record.key for record in told}) == len(told)
    assert len(orjson.loads(told[0].value or b"")) > 1
