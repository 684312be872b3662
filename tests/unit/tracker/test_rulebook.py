"""Rules in layers, and what a change of them does to what was told."""

from datetime import timedelta
from pathlib import Path

import pytest

from schemas.rules import MOST_BYTES
from schemas.topics import DELAYS
from services.runtime.memory import MemoryStore
from services.runtime.moments import to_ms
from services.runtime.partition import BROADCAST_KEY, Partition
from services.tracker.core.derive import facts_of
from services.tracker.core.limits import DEFAULT_LIMITS, Limits
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook, rulebook
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import (
    Account,
    hear,
    in_order_heard,
    journal_record,
    listen,
    replay,
    rules_record,
    tick_record,
    tracker_job,
)
from tests.support.telling import Story, day, shipment

HOUR = timedelta(hours=1)
SHIPPED = Path(__file__).parents[3] / "deploy" / "rules.toml"
LAYERS = """
version = "7"
[default]
grace = "PT30H"
[default.held_reasons]
customs = "P9D"
[mode.road]
dwell = "PT5H"
[mode.sea]
silent = "PT60H"
grace = "PT40H"
[item.vest]
grace = "PT20H"
serious_share = 5
[item.radio]
grace = "PT10H"
serious_share = 20
[commitment.US-EC-2026-014]
grace = "PT1H"
"""
VESTS = shipment().registered(vest=40)


def limits_of(story: Story, book: RuleBook) -> Limits:
    state = hear(story).driver.state(MovementsProcessor.name, story.key)
    return book.limits_of(facts_of(state.history))


def apply(account: Account, toml: str, at: float) -> Account:
    account.records.append(rules_record(toml, at))
    account.driver.feed(account.records[-1])
    assert not account.driver.failures
    return account


def test_the_shipped_file_says_what_is_built_in() -> None:
    shipped = rulebook(SHIPPED.read_text())
    assert shipped.version == DEFAULT_BOOK.version
    assert shipped.default == DEFAULT_LIMITS
    for story in (VESTS, VESTS.departed(1, mode="road"), VESTS.departed(1, mode="sea")):
        assert limits_of(story, shipped) == limits_of(story, DEFAULT_BOOK)


@pytest.mark.parametrize(
    ("story", "name", "hours"),
    [
        (shipment().registered(boot=1), "grace", 30),
        (shipment().registered(boot=1).departed(1, mode="sea"), "grace", 40),
        (VESTS, "grace", 20),
        (VESTS.departed(1, mode="sea"), "grace", 20),
        (VESTS.departed(1, mode="sea"), "silent", 60),
        (shipment().registered(vest=1, radio=1), "grace", 10),
        (VESTS.departed(1, commitment="US-EC-2026-014"), "grace", 1),
        (VESTS.departed(1, mode="road"), "dwell", 5),
        (VESTS.departed(1, mode="road"), "silent", 12),
    ],
)
def test_the_nearest_layer_decides(story: Story, name: str, hours: int) -> None:
    assert getattr(limits_of(story, rulebook(LAYERS)), name) == hours * HOUR


def test_of_several_items_the_strictest_counts_and_reasons_add_up() -> None:
    limits = limits_of(shipment().registered(vest=1, radio=1), rulebook(LAYERS))
    assert limits.serious_share == 20
    assert limits.held_reasons == {"security": 24 * HOUR, "customs": 9 * 24 * HOUR}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('version = "2"\n[default]\ngrce = "PT1H"', "grce"),
        ('version = "2"\n[default]\ngrace = "-PT1H"', "grace"),
        ('version = "2"\n[default]\ngrace = 5', "PT24H"),
        ('version = "2"\n[default]\nwords = 5', "words"),
        ('version = "2"\n[mode.ship]\ngrace = "PT1H"', "mode"),
        ("[default]", "version"),
        ("version = ", "Invalid value"),
        ("#" * (MOST_BYTES + 1), "at most"),
    ],
)
def test_what_is_no_rules_file_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rulebook(text)


STRICT = 'version = "strict"\n[default]\ngrace = "PT6H"\n'
PATIENT = 'version = "patient"\n[default]\ngrace = "P9D"\n'
DUE_ON_10 = VESTS.planned("handed_over", 10)


def test_stricter_rules_tell_at_once_what_is_late_by_them() -> None:
    account = apply(hear(DUE_ON_10, until=10.5), STRICT, 10.6).wait(12)
    assert account.said("delivery_overdue") == [
        "raised day 10.6, late since day 10.25: warning unreported"
    ]
    assert account.of("delivery_overdue")[0]["evidence"]["rules_version"] == "strict"


def test_stricter_rules_move_a_deadline_that_is_still_to_come() -> None:
    account = apply(hear(DUE_ON_10), STRICT, 5).wait(20)
    assert account.said("delivery_overdue")[0] == "raised day 10.25: warning unreported"


def test_more_patient_rules_end_what_is_late_no_more() -> None:
    account = apply(hear(DUE_ON_10, until=12), PATIENT, 12).wait(20)
    assert account.said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "cleared day 12: superseded",
        "raised day 19: warning unreported",
    ]


def test_more_patient_rules_end_what_is_likely_by_the_lag_alone() -> None:
    account = apply(hear(DUE_ON_10, until=25), PATIENT.replace("P9D", "P20D"), 25).wait(31)
    assert account.said("delivery_overdue") == [
        "raised day 11: warning unreported",
        "changed, late since day 11: critical likely",
        "cleared day 25: superseded",
        "raised day 30: critical likely",
    ]


def test_the_same_rules_again_change_nothing() -> None:
    account = apply(apply(hear(DUE_ON_10), STRICT, 5), STRICT, 6).wait(20)
    assert len(account.driver.state("known", BROADCAST_KEY).rules) == len(STRICT)
    assert len(account.said("delivery_overdue")) == 1


def test_rules_heard_again_after_a_crash_look_at_what_was_left() -> None:
    """As when the process ended in the middle of a revision: the rules were safe already."""
    others = [shipment(f"EC-{n}").registered(vest=40).planned("handed_over", 10) for n in range(5)]
    job = tracker_job()
    partition = Partition(job, 0, MemoryStore(), at_once=2)
    for record in [journal_record(w.event, w.heard_at) for w in in_order_heard(others)]:
        while not partition.handle(record._replace(partition=0)):
            pass
    while not partition.handle(tick_record(day(10.5))):
        pass  # looked at when due
    strict = rules_record(STRICT, 10.6)
    assert not partition.handle(strict)
    safe = MemoryStore()
    safe.update({key: value for key, value in partition.take().writes.items() if value})
    partition = Partition(job, 0, safe)
    partition.resume(to_ms(day(10.6)), 5)
    assert partition.handle(strict)
    told = [record for _, record in partition.emitted if record.topic == DELAYS.full_name]
    assert len(told) == 3, "the two that were looked at before were told then"


def test_a_journal_with_rules_tells_the_same_again_also_after_a_restart() -> None:
    account = apply(hear(DUE_ON_10, until=10.5), STRICT, 10.6).wait(12)
    apply(account, PATIENT, 13).wait(30)
    again = replay(account.records)
    assert again.outputs == account.driver.outputs
    fresh = listen(DUE_ON_10)
    for record in account.records:
        fresh.driver.feed(record)
        fresh.driver.restart()
    assert fresh.driver.outputs == account.driver.outputs


def test_rules_that_cannot_be_read_are_buried_and_the_former_stay() -> None:
    account = apply(hear(DUE_ON_10), STRICT, 5)
    account.driver.feed(rules_record("version = 1", 6))
    assert [dict(r.headers)["reason"] for r in account.quarantined] == [b"broken"]
    assert account.wait(20).said("delivery_overdue")[0].startswith("raised day 10.25")
