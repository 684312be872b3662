"""What a person would be told by today's rules and by others."""

from datetime import datetime
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rules import parse_rules
from schemas.times import parse
from services.alerts.core.policy import Policy, Route
from services.alerts.job import create_job as alerts_job
from services.cli.backtest import run as running
from services.cli.backtest.alerts import About, Alert
from services.cli.backtest.comparison import _paged, _told
from services.cli.backtest.difference import difference
from services.cli.other_rules import OtherRules, rules_in
from services.runtime.memory import MemoryDriver
from services.runtime.processor import Record
from tests.support.hearing import tick_record, tracker_job
from tests.support.random_stories import random_story
from tests.support.telling import day, shipment
from tests.unit.cli.backtest.running import SETTLED, journal, limits, ran, said

PROMISED = shipment().registered(vest=20).planned("handed_over", 10)
BUILT_IN = Path(__file__).parents[4] / "deploy" / "rules.toml"
LONG_AFTER = 120


def test_an_alert_counts_when_told_and_a_page_when_it_becomes_critical() -> None:
    alerts = ran(journal(PROMISED), until=40).alerts()
    assert said(alerts) == [
        "delivery_overdue day 11 warning unreported",
        "delivery_overdue day 24 critical likely",
    ]
    assert [(a.at, a.paged_at) for a in alerts] == [(day(11) + SETTLED, day(24) + SETTLED)]


def test_other_rules_count_from_the_first_record_on() -> None:
    run = ran(journal(PROMISED), limits(grace="PT72H", lag="P5D"), until=40)
    assert said(run.alerts()) == [
        "delivery_overdue day 13 warning unreported",
        "delivery_overdue day 15 critical likely",
    ]
    assert run.rules == "other"


def test_what_is_inhibited_is_told_when_its_inhibitor_ends_first() -> None:
    story = PROMISED.planned("arrived", 5).departed(1, mode="air")
    assert said(ran(journal(story), until=9).alerts()) == [
        "silent day 2 warning",
        "milestone_overdue day 6 warning",
    ]
    held_back = PROMISED.planned("arrived", 10).departed(9.5, mode="sea")
    assert said(ran(journal(held_back), until=13).alerts()) == [
        "delivery_overdue day 11 warning unreported"
    ]
    moved = held_back.rebaselined("handed_over", 30, at=12.5)
    assert said(ran(journal(moved), until=13).alerts())[1:] == [
        "milestone_overdue day 12.5 warning"
    ]


def test_what_is_historic_or_of_the_backlog_wakes_nobody() -> None:
    historic = PROMISED.handed_over(12, 20, closed=True, heard=1)
    assert ran(journal(historic), until=40).alerts() == []
    old = shipment().registered(vest=20, heard=30).planned("handed_over", 10, heard=30)
    assert ran(journal(old), until=40).alerts() == []


def test_rules_of_the_journal_itself_count_unless_replaced() -> None:
    records = journal(PROMISED)
    [applied] = [r for r in limits("mine", grace="PT48H").over(records[0]) if rules_in(r)]
    records = [*records, applied]
    own = ran(records, until=20)
    assert (said(own.alerts()), own.rules) == (
        ["delivery_overdue day 12 warning unreported"],
        "mine",
    )
    other = ran(records, limits(grace="PT72H"), until=20)
    assert said(other.alerts()) == ["delivery_overdue day 13 warning unreported"]
    assert other.rules == "other"


def test_each_partition_begins_with_the_rules_and_keeps_its_time() -> None:
    first, second = journal(PROMISED)
    rules = limits()
    [applied] = [r for r in limits("mine").over(first) if rules_in(r)]
    given = [each for r in (first, second._replace(partition=1), applied) for each in rules.over(r)]
    assert [(each.partition, rules_in(each)) for each in given] == [
        (0, "other"),
        (0, None),
        (1, "other"),
        (1, None),
        (0, None),
    ]
    assert given[-1].headers == applied.headers
    assert given[-1].key is None


stories = st.randoms(use_true_random=False).map(
    lambda chance: [
        record
        for number in range(3)
        for record in journal(random_story(chance, 1 + chance.randrange(9), f"BT-{number}"))
    ]
)


def in_time(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: dict(record.headers)["at"].zfill(16))


@settings(max_examples=60, deadline=None)
@given(stories)
def test_by_equal_rules_nothing_appears_vanishes_or_moves(records: list[Record]) -> None:
    text = BUILT_IN.read_text("utf-8")
    same = OtherRules(parse_rules(text).version, text)
    today = ran(in_time(records), until=LONG_AFTER).alerts()
    new = ran(in_time(records), same, until=LONG_AFTER).alerts()
    assert today == new
    for sightings in (_told, _paged):
        found = difference(sightings(today), sightings(new))
        assert (found.appeared, found.vanished, found.moved) == ([], [], [])
        assert found.unchanged == len(sightings(today))


def told_by_steps(records: list[Record]) -> list[Alert]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "_RECORDS_A_FLUSH", 1)
        return ran(records, until=LONG_AFTER).alerts()


@settings(max_examples=60, deadline=None)
@given(stories)
def test_states_put_away_after_every_record_tell_the_same(records: list[Record]) -> None:
    assert told_by_steps(in_time(records)) == ran(in_time(records), until=LONG_AFTER).alerts()


def opened(records: list[Record]) -> list[tuple[About, int, datetime]]:
    """The messages by which a sink that never answers is first told of an alert."""
    policy = Policy(routes=(Route("log"),))
    driver = MemoryDriver(tracker_job(), alerts_job(policy, partitions=1))
    for record in [*records, tick_record(day(LONG_AFTER))]:
        driver.feed(record)
    driver.wait(day(LONG_AFTER + 1))
    messages = {call.call_id: msgspec.json.decode(call.body) for call in driver.calls}
    return [
        (About(*(m["data"][name] for name in About.__struct_fields__)), m["data"]["episode"], at)
        for m in messages.values()
        if m["type"] == "alert.opened" and (at := parse(m["timestamp"]))
    ]


@settings(max_examples=25, deadline=None)
@given(stories)
def test_an_alert_counts_when_a_sink_would_be_told(records: list[Record]) -> None:
    alerts = ran(in_time(records), until=LONG_AFTER).alerts()
    counted = {(alert.about, alert.episode, alert.at) for alert in alerts}
    assert counted == set(opened(in_time(records)))


def test_random_stories_are_told_of() -> None:
    records = [r for n in range(30) for r in journal(random_story(Random(n), 8, f"BT-{n}"))]
    names = {alert.about.delay for alert in ran(in_time(records), until=LONG_AFTER).alerts()}
    assert {"delivery_overdue", "silent", "held", "short_delivery"} <= names
