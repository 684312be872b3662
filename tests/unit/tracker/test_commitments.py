"""Promises: what movements make of them, and when they are late."""

from dataclasses import replace

import orjson
import pytest

from schemas.records import RECORDS
from schemas.times import wire
from schemas.topics import COMMITMENTS, CONTRIBUTIONS, DELAYS, EVENTS
from services.alerts.core.delay import Audience, decode_delay
from services.runtime.memory import MemoryDriver, MemoryStore
from services.runtime.partition import Partition
from services.tracker.core.limits import DEFAULT_LIMITS
from tests.support.hearing import (
    Account,
    aloud,
    hear,
    journal_record,
    listen,
    rules_record,
    tracker_job,
)
from tests.support.telling import (
    CARRIER,
    OWNER,
    RECIPIENT,
    Json,
    Story,
    day,
    deployment,
    promise,
    shipment,
)

DUE = 90
SIXTY = promise().committed(DUE, ambulance=60, programme="security", request="EC-REQ-88")
STAGES = ("promised", "covered", "moving", "handed_over", "confirmed")


def carrying(quantity: float, subject_id: str = "EC-1", **more: object) -> Story:
    """A shipment of so many ambulances for the promise."""
    said = {"commitment": "US-EC-1", **more}
    return shipment(subject_id).registered(ambulance=quantity, at=1, **said)


def stages(account: Account, item: str | None = "ambulance") -> list[object]:
    """Promised, covered, moving, handed over and confirmed of an item."""
    lines = account.promise()["lines"]
    assert isinstance(lines, list)
    return next([line[stage] for stage in STAGES] for line in lines if line["item"] == item)


def test_a_promise_without_movements() -> None:
    said = hear(SIXTY).promise()
    assert (said["agency"], said["country"], said["state"]) == (OWNER, "EC", "promised")
    assert (said["programme"], said["request"]) == ("security", "EC-REQ-88")
    assert said["due_at"] == wire(day(DUE))
    assert said["movements"] == []
    assert stages(hear(SIXTY)) == [60, 0, 0, 0, 0]


WAY: dict[str, tuple[Story, list[int]]] = {
    "registered": (carrying(20), [20, 0, 0, 0]),
    "departed": (carrying(20).departed(5), [20, 20, 0, 0]),
    "handed over in part": (carrying(20).departed(5).handed_over(8, 12), [20, 8, 12, 0]),
    "handed over": (carrying(20).handed_over(8, 20), [20, 0, 20, 0]),
    "closed short": (carrying(20).handed_over(8, 18, closed=True), [18, 0, 18, 0]),
    "closed with nothing": (carrying(20).handed_over(8, 0, closed=True), [0, 0, 0, 0]),
    "damaged and missing": (
        carrying(20).departed(5).handed_over(8, 10, damaged=3, missing=2),
        [15, 5, 10, 0],
    ),
    "more than was shipped": (carrying(20).handed_over(8, 22), [22, 0, 22, 0]),
    "confirmed": (carrying(20).handed_over(8, 20).confirmed(9), [20, 0, 20, 20]),
    "confirmed in part": (carrying(20).handed_over(8, 20).confirmed(9, 19), [20, 0, 20, 19]),
    "lost in part": (carrying(20).departed(5).lost(6, 5), [15, 15, 0, 0]),
    "lost": (carrying(20).lost(6, 20), [0, 0, 0, 0]),
    "split": (carrying(20).split(6, 8), [12, 0, 0, 0]),
    "moved to others": (carrying(20).split(6, 20), [0, 0, 0, 0]),
    "cancelled": (carrying(20).departed(5).cancelled(6), [0, 0, 0, 0]),
    "the rest cancelled": (carrying(20).handed_over(8, 12).cancelled(9), [12, 0, 12, 0]),
    "home again": (carrying(20).departed(5).returned(9), [0, 0, 0, 0]),
    "corrected": (
        carrying(20, name="R").revises("R", said=3, lines=[
            {"line": 1, "item": "ambulance", "quantity": 25, "unit": "H87"}]),
        [25, 0, 0, 0],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("story", "reached"), WAY.values(), ids=WAY)
def test_what_a_movement_contributes(story: Story, reached: list[int]) -> None:
    assert stages(hear(SIXTY, story)) == [60, *reached]
    assert stages(hear(story, SIXTY, partitions=7)) == [60, *reached]


def test_two_agencies_and_the_children_of_a_split_add_up() -> None:
    whole = carrying(30).split(5, 10, child="EC-1-A")
    part = carrying(10, "EC-1-A").departed(6)
    other = carrying(25, "FBI-7", by="US-FBI").departed(7)
    account = hear(SIXTY, whole, part, other)
    assert stages(account) == [60, 55, 35, 0, 0]
    movements = account.promise()["movements"]
    assert isinstance(movements, list)
    assert [(each["subject_id"], each["agency"]) for each in movements] == [
        ("EC-1", OWNER),
        ("EC-1-A", OWNER),
        ("FBI-7", "US-FBI"),
    ]


def test_a_movement_that_is_reassigned_takes_its_contribution_along() -> None:
    story = carrying(20, name="R").revises("R", said=4, commitment="US-EC-2")
    other = promise("US-EC-2").committed(DUE, ambulance=20)
    account = hear(SIXTY, other, story)
    assert stages(account) == [60, 0, 0, 0, 0]
    assert account.promise()["movements"] == []
    assert account.promise("US-EC-2")["state"] == "covered"
    said = [(to, each["seq"], each["withdrawn"]) for to, each in account.contributions()]
    assert said == [
        ("commitment/US-EC-1", 1, False),
        ("commitment/US-EC-1", 2, True),
        ("commitment/US-EC-2", 3, False),
    ]


def test_a_line_that_nobody_registered_is_shown_and_fulfils_nothing() -> None:
    story = shipment().handed_over(5, 3, commitment="US-EC-1")
    account = hear(SIXTY, story)
    assert stages(account, None) == [0, 3, 0, 3, 0]
    assert stages(account) == [60, 0, 0, 0, 0]


def test_fractions_add_up_exactly() -> None:
    said: Json = {"commitment": "US-EC-1", "unit": "KGM"}
    parts = (shipment(f"EC-{n}").registered(flour=0.1, at=1, **said) for n in range(3))
    account = hear(promise().committed(DUE, flour=0.3, unit="KGM"), *parts)
    assert account.promise()["state"] == "covered"
    assert stages(account, "flour") == [0.3, 0.3, 0, 0, 0]


def test_people_are_promised_and_late_like_goods() -> None:
    trainers = promise().committed(40, trainer=18, unit="IE", programme="governance")
    team = deployment().registered(trainer=15, at=1, commitment="US-EC-1")
    account = hear(trainers, team.departed(30).handed_over(35, 15), until=60)
    assert stages(account, "trainer") == [18, 15, 0, 15, 0]
    assert account.said("commitment_uncovered") == ["raised day 10: warning"]
    assert "no movement brings 3 of the 18 trainers" in str(account.delays[0]["sentence"])


@pytest.mark.parametrize(
    ("state", "story"),
    [
        ("unpromised", promise()),
        ("promised", SIXTY),
        ("covered", promise().committed(DUE, ambulance=20)),
        ("cancelled", SIXTY.cancelled(5)),
    ],
)
def test_the_state_of_a_promise(state: str, story: Story) -> None:
    account = hear(carrying(20), story)
    assert account.promise()["state"] == state


def test_a_promise_is_handed_over_and_confirmed_with_all_its_lines() -> None:
    account = hear(promise().committed(DUE, ambulance=20), carrying(20).handed_over(9, 20))
    assert account.promise()["state"] == "handed_over"
    account = hear(promise().committed(DUE, ambulance=20), carrying(20).confirmed(9, 20))
    assert account.promise()["state"] == "confirmed"


COVERED_AT = 70
END: dict[str, tuple[tuple[Story, ...], list[str]]] = {
    "covered": (
        (SIXTY, carrying(60, heard=COVERED_AT, said=COVERED_AT)),
        ["cleared day 70, ended day 1: corrected"],
    ),
    "covered late": (
        (SIXTY, shipment().registered(ambulance=60, at=COVERED_AT, commitment="US-EC-1")),
        ["cleared day 70, ended day 70: happened"],
    ),
    "due later": (
        (promise().committed(DUE, ambulance=60, name="C").revises(
            "C", said=70, due_at=wire(day(200))),),
        ["cleared day 70: replanned", "raised day 170: warning"],
    ),
    "promised less": (
        (promise().committed(DUE, ambulance=60, name="C").revises(
            "C", said=70, lines=[{"line": 1, "item": "ambulance", "quantity": 9, "unit": "H87"}]),
         carrying(9)),
        ["cleared day 70: replanned"],
    ),
    "cancelled": ((SIXTY.cancelled(70),), ["cleared day 70, ended day 70: cancelled"]),
    "retracted": (
        (promise().committed(DUE, ambulance=60, name="C").retracts("C", said=70),),
        ["cleared day 70: corrected"],
    ),
    "not at all": ((SIXTY, carrying(59)), []),
}  # fmt: skip


@pytest.mark.parametrize(("stories", "said"), END.values(), ids=END)
def test_how_a_gap_in_a_promise_ends(stories: tuple[Story, ...], said: list[str]) -> None:
    account = hear(*stories, until=250)
    assert account.said("commitment_uncovered") == ["raised day 60: warning", *said]


def test_a_promise_covered_in_time_is_not_late() -> None:
    assert hear(SIXTY, carrying(60), until=250).said("commitment_uncovered") == []


def test_a_gap_opens_again_when_a_movement_is_cancelled() -> None:
    story = carrying(60).planned("handed_over", 80)
    account = hear(SIXTY, story.cancelled(70), until=75)
    assert account.said("commitment_uncovered") == ["raised day 70, late since day 60: warning"]
    assert account.promise()["delays"]


def test_what_is_told_of_a_gap() -> None:
    told = hear(SIXTY, carrying(20), until=65).of("commitment_uncovered")[0]
    assert told["sentence"] == (
        "60 ambulances (US-EC-1) for EC from US-DHS-HSI, promised by 1 Apr 2026, are not covered:"
        " no movement brings 40 of the 60 ambulances."
    )
    assert (told["kind"], told["subject_id"]) == ("commitment", "US-EC-1")
    assert (told["agency"], told["country"], told["commitment"]) == (OWNER, "EC", "US-EC-1")
    assert (told["items"], told["due_at"], told["backlog"]) == (["ambulance"], None, False)
    assert told["evidence"] == {
        "rule": "commitment_uncovered",
        "rules_version": "1",
        "threshold": "PT720H",
        "events": ["US-DHS-HSI/committed-1"],
    }


def test_contributions_before_any_time_is_known_make_no_delay() -> None:
    account = hear(carrying(20).planned("handed_over", 80), partitions=5)
    home = account.driver.state("commitments", b"commitment/US-EC-1")
    assert home.first_at is None
    account.hear(*SIXTY.words).wait(30)
    assert account.said("commitment_uncovered") == []
    assert account.wait(61).said("commitment_uncovered") == ["raised day 60: warning"]


def test_a_promise_long_overdue_when_first_heard_of_is_backlog() -> None:
    account = hear(promise().committed(5, ambulance=60, said=0, heard=20), until=21)
    assert account.of("commitment_uncovered")[0]["backlog"] is True


def test_one_promise_told_in_two_ways_is_in_doubt_and_in_quarantine() -> None:
    story = promise().committed(DUE, ambulance=60, name="C")
    story = story.committed(DUE, ambulance=50, name="C", heard=2)
    account = hear(story)
    assert account.promise()["doubts"] == ["conflict"]
    assert len(account.quarantined) == 1
    assert account.said("conflict") == ["raised day 2, late since day 0: info"]
    account.hear(*story.committed(DUE, ambulance=40, name="C", revised=3).words[-1:])
    assert account.said("conflict")[1:] == ["cleared day 3, ended day 3: corrected"]


def test_of_two_promises_under_one_id_the_owners_counts() -> None:
    story = SIXTY.committed(DUE, ambulance=99, by=CARRIER, owner=OWNER, at=2)
    story = story.committed(DUE, ambulance=50, by="US-FBI", owner="US-FBI", at=1)
    assert hear(story).promise()["agency"] == "US-FBI"


def test_what_is_written_keeps_the_contract() -> None:
    moving = carrying(30).departed(6).split(7, 10, due=50).handed_over(9, 20, damaged=1)
    account = hear(SIXTY, moving.cancelled(60), carrying(9, "X"), until=70, partitions=3)
    kinds = {COMMITMENTS: "commitment", CONTRIBUTIONS: "contribution", DELAYS: "delay"}
    by_name = {topic.full_name: RECORDS[kind] for topic, kind in kinds.items()}  # type: ignore[index]
    by_name[EVENTS.full_name] = RECORDS["terms"]
    checked = [r for r in account.driver.outputs if r.topic in by_name]
    assert {record.topic for record in checked} == set(by_name)
    for record in checked:
        by_name[record.topic].adapter.validate_json(record.value or b"")


def test_a_repeated_contribution_changes_nothing() -> None:
    account = hear(SIXTY, carrying(20).departed(5))
    old = [r for r in account.driver.outputs if r.topic == CONTRIBUTIONS.full_name]
    before = account.promise()
    written = account.driver.feed(old[0])
    assert (written, account.promise()) == ([], before)


def test_a_broken_contribution_is_set_aside() -> None:
    account = listen(SIXTY)
    record = journal_record(SIXTY.words[0].event, day(0))
    account.driver.feed(record._replace(topic=CONTRIBUTIONS.full_name, value=b"{}"))
    assert [dict(r.headers)["reason"] for r in account.quarantined] == [b"broken"]


def test_a_recipient_may_confirm_without_a_hand_over() -> None:
    account = hear(SIXTY, carrying(20).confirmed(9, 20, by=RECIPIENT))
    assert stages(account) == [60, 20, 0, 20, 20]


def test_alerts_reads_what_is_told_of_a_promise() -> None:
    for delay in hear(SIXTY.cancelled(70), until=80).of("commitment_uncovered"):
        read = decode_delay(orjson.dumps(delay))
        assert (read.kind, read.subject_id) == ("commitment", "US-EC-1")
        assert read.audience is Audience.ON_CALL


LATER = """
version = "later"
[default]
coverage = "P60D"
[commitment.US-EC-1]
coverage = "P10D"
"""


def test_rules_say_how_long_before_its_due_moment_a_promise_is_to_be_covered() -> None:
    other = promise("US-EC-2").committed(DUE, ambulance=1)
    account = hear(SIXTY, other, until=65)
    account.driver.feed(rules_record(LATER, 65))
    account.wait(81)
    said = [(d["subject_id"], aloud(d)) for d in account.of("commitment_uncovered")]
    assert said == [
        ("US-EC-1", "raised day 60: warning"),
        ("US-EC-2", "raised day 60: warning"),
        ("US-EC-1", "cleared day 65: superseded"),
        ("US-EC-2", "changed, late since day 30: warning"),
        ("US-EC-1", "raised day 80: warning"),
    ]
    assert account.delays[-1]["evidence"]["rules_version"] == "later"


def test_a_commitment_has_room_for_so_many_movements() -> None:
    limits = replace(DEFAULT_LIMITS, most_bytes=300)
    stories = [SIXTY, *(carrying(10, f"EC-{number}") for number in range(9))]
    account = hear(stories[0], limits=limits)
    for story in stories[1:]:
        account.hear(*story.words)
    said = [dict(r.headers) for r in account.quarantined]
    assert {each["reason"] for each in said} == {b"broken"}
    assert b"too many movements" in said[0]["detail"]
    assert 0 < len(account.promise()["movements"]) < 9


def test_a_flush_shows_a_commitment_once() -> None:
    partition = Partition(tracker_job(), 0, MemoryStore())
    for word in SIXTY.words:
        partition.handle(journal_record(word.event, word.heard_at))
    movements = MemoryDriver(tracker_job())
    for word in carrying(20).departed(5).handed_over(9, 20).words:
        for record in movements.feed(journal_record(word.event, word.heard_at)):
            if record.topic == CONTRIBUTIONS.full_name:
                partition.handle(record)
    shown = [r for r in partition.take().outputs if r.topic == COMMITMENTS.full_name]
    assert [orjson.loads(r.value or b"")["lines"][0]["handed_over"] for r in shown] == [20]


def test_a_slip_of_the_pen_leaves_no_rounding_behind() -> None:
    """Sums are moved by what came: what one of them lost would be lost for good."""
    covered = 0.1234567890123456
    slip = carrying(9e14, "EC-2").cancelled(3)
    account = hear(promise().committed(DUE, ambulance=1), carrying(covered), slip)
    assert account.promise()["lines"][0]["covered"] == covered
