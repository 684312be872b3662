"""The journal told again for one subject says what the tracker said of it, moment by moment."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.retold import Retold
from services.runtime.memory import MemoryDriver
from services.runtime.moments import from_ms
from services.runtime.partition import moment_of
from services.runtime.processor import Record
from services.tracker.core.movement import Movement
from services.tracker.core.view import dumps
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import journal_record, tick_record, tracker_job
from tests.support.random_stories import random_story
from tests.support.telling import day, shipment

KEY = b"shipment/EC-1"
LATER = 120


def journal(chance: Random) -> list[Record]:
    """One partition: some subjects and ticks, with some records behind their time."""
    told = [random_story(chance, 1 + chance.randrange(9), f"EC-{n}") for n in (1, 2, 3)]
    records = [journal_record(w.event, w.heard_at) for story in told for w in story.words]
    records += [tick_record(day(chance.randrange(LATER))) for _ in range(chance.randrange(6))]
    records.sort(key=lambda record: (moment_of(record) or 0) + chance.choice((0, 0, 10**9)))
    return [r._replace(partition=0, offset=number) for number, r in enumerate(records)]


def tracker_at(records: Sequence[Record], known_at: datetime | None) -> Movement | None:
    """The whole partition, as the tracker took it until its time passed that moment."""
    driver = MemoryDriver(tracker_job())
    for record in records:
        if known_at is not None and from_ms(moment_of(record) or 0) > known_at:
            break
        driver.feed(record)
    if known_at is not None:
        driver.tick(known_at)
    state: Movement | None = driver.state(MovementsProcessor.name, KEY)
    return state


journals = st.randoms(use_true_random=False).map(journal)


@settings(max_examples=200, deadline=None)
@given(journals, st.integers(0, 2 * LATER))
def test_what_was_known_is_what_the_tracker_knew(records: list[Record], half_days: int) -> None:
    moment = day(half_days / 2)
    assert Retold({KEY}, records, moment).movement(KEY) == tracker_at(records, moment)


@settings(max_examples=100, deadline=None)
@given(journals)
def test_at_the_end_of_the_journal_it_is_what_the_tracker_knows(records: list[Record]) -> None:
    assert Retold({KEY}, records, None).movement(KEY) == tracker_at(records, None)


def test_every_word_is_kept_with_the_partition_time_at_which_it_came() -> None:
    own = shipment("EC-1").registered(vest=40).planned("handed_over", 20, heard=2)
    other = shipment("EC-2").registered(at=9, vest=40)
    words = [own.words[0], *other.words, own.words[1]]
    records = [journal_record(word.event, word.heard_at) for word in words]
    retold = Retold({KEY}, [r._replace(partition=0) for r in records], None)
    assert [each.known_at for each in retold.heard[KEY]] == [day(0), day(9)]
    assert [each.report.type for each in retold.heard[KEY]] == ["registered", "handed_over"]


def test_a_record_that_cannot_be_read_is_no_word() -> None:
    record = journal_record(shipment("EC-1").registered(vest=40).words[0].event, day(1))
    broken = record._replace(value=b'{"type":"unheard"}')
    retold = Retold({KEY}, [broken], None)
    assert (retold.heard[KEY], retold.movement(KEY)) == ([], None)


def test_records_without_a_key_are_passed_on_as_they_are() -> None:
    story = shipment("EC-1").registered(vest=40).planned("handed_over", 10)
    records = [journal_record(word.event, word.heard_at) for word in story.words]
    records = [each._replace(partition=0) for each in records]
    still = Retold({KEY}, records, None).movement(KEY)
    ticked = Retold({KEY}, [*records, tick_record(day(12))], None).movement(KEY)
    assert still is not None
    assert ticked is not None
    assert b"delivery_overdue" not in dumps(still.view())
    assert b"delivery_overdue" in dumps(ticked.view())
