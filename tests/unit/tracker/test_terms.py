"""Terms: the date of a promise reaches its movements, and that of a whole its parts."""

from datetime import datetime
from itertools import permutations

import msgspec
import pytest

from schemas.times import wire
from services.tracker.core.as_of import as_of
from services.tracker.core.derive import facts_of
from services.tracker.core.heard import Heard
from services.tracker.core.learnt import Judge
from services.tracker.core.merge import History
from services.tracker.core.movement import Movement
from services.tracker.core.rulebook import DEFAULT_BOOK
from services.tracker.core.terms import Sent, Terms, Wanted, latest_terms, standing_terms, to_send
from tests.support.hearing import Account, hear, in_order_heard, listen, rules_record
from tests.support.telling import Story, day, promise, shipment

DUE = 50
TWENTY = promise().committed(DUE, ambulance=20, name="C")


def carrying(quantity: float = 20, subject_id: str = "EC-1", **more: object) -> Story:
    """A shipment of so many ambulances for the promise, planned by nobody."""
    said = {"commitment": "US-EC-1", "at": 1, **more}
    return shipment(subject_id).registered(ambulance=quantity, **said)


def due(account: Account, subject_id: str = "EC-1") -> object:
    """The due moment of a movement's hand-over as its view shows it."""
    listed = account.view(f"shipment/{subject_id}".encode())["milestones"]
    assert isinstance(listed, list)
    return next((each["due_at"] for each in listed if each["type"] == "handed_over"), None)


def test_the_date_of_a_promise_reaches_a_movement_without_a_plan() -> None:
    account = hear(TWENTY, carrying(), until=52, partitions=5)
    assert due(account) == wire(day(DUE))
    assert account.said("delivery_overdue") == ["raised day 51: warning unreported"]
    assert account.of("delivery_overdue")[0]["evidence"]["events"][0] == "commitment/US-EC-1"
    assert account.said("unplanned") == []


def test_the_record_of_terms() -> None:
    assert hear(TWENTY, carrying()).terms() == [
        {
            "type": "terms",
            "at": wire(day(1)),
            "kind": "shipment",
            "subject_id": "EC-1",
            "source": "commitment/US-EC-1",
            "seq": 1,
            "due_at": wire(day(DUE)),
            "commitment": "US-EC-1",
            "withdrawn": False,
        }
    ]


def test_a_plan_goes_before_the_promise_and_an_operator_before_both() -> None:
    planned = carrying().planned("handed_over", 40)
    assert due(hear(TWENTY, planned)) == wire(day(40))
    assert due(hear(TWENTY, planned.rebaselined("handed_over", 45, at=2))) == wire(day(45))
    assert due(hear(TWENTY, carrying().rebaselined("handed_over", 45, at=2))) == wire(day(45))


def test_a_promise_that_moves_moves_its_movements() -> None:
    later = TWENTY.revises("C", said=55, due_at=wire(day(80)))
    account = hear(later, carrying(), until=90)
    assert account.said("delivery_overdue") == [
        "raised day 51: warning unreported",
        "cleared day 55: replanned",
        "raised day 81: warning unreported",
    ]
    assert [each["seq"] for each in account.terms()] == [1, 2]


@pytest.mark.parametrize(
    "story", [TWENTY.cancelled(55), TWENTY.retracts("C", said=55)], ids=["cancelled", "retracted"]
)
def test_terms_of_a_promise_that_is_no_more_are_withdrawn(story: Story) -> None:
    account = hear(story, carrying(), until=70)
    assert account.terms()[-1]["withdrawn"] is True
    assert due(account) is None
    assert account.said("delivery_overdue") == [
        "raised day 51: warning unreported",
        "cleared day 55: corrected",
    ]


def test_terms_of_a_promise_that_is_no_longer_named_do_not_count() -> None:
    other = promise("US-EC-2").committed(70, ambulance=20)
    story = carrying(name="R").revises("R", said=4, commitment="US-EC-2")
    assert due(hear(TWENTY, other, story)) == wire(day(70))
    back = story.revises("R", said=6, commitment="US-EC-1")
    assert due(hear(TWENTY, other, back)) == wire(day(DUE))


def test_a_part_that_only_a_split_names_is_due_and_overdue() -> None:
    account = hear(carrying(commitment="X").planned("handed_over", 40).split(5, 8), until=45)
    view = account.view(b"shipment/EC-1-A")
    assert (view["state"], view["doubts"], view["events"]) == ("planned", ["unregistered"], 0)
    assert due(account, "EC-1-A") == wire(day(40))
    assert [each["delay"] for each in view["delays"]] == ["delivery_overdue"]


def test_a_split_says_its_own_date_or_that_of_the_whole() -> None:
    story = carrying(commitment="X").planned("handed_over", 40).split(5, 8, due=33)
    assert due(hear(story), "EC-1-A") == wire(day(33))
    moved = story.split(6, 2, child="EC-1-B").rebaselined("handed_over", 44, at=7)
    account = hear(moved)
    assert (due(account, "EC-1-A"), due(account, "EC-1-B")) == (wire(day(33)), wire(day(44)))
    assert [each["seq"] for each in account.terms("EC-1-B")] == [1, 2]


def test_a_split_passes_on_the_date_of_the_promise() -> None:
    account = hear(TWENTY, carrying().split(5, 8).split(6, 2, child="EC-1-B"), partitions=4)
    assert due(account, "EC-1-A") == due(account, "EC-1-B") == wire(day(DUE))


def test_a_part_that_names_a_promise_keeps_that_promise() -> None:
    part = carrying(8, "EC-1-A")
    whole = carrying(commitment="X").planned("handed_over", 40).split(5, 8)
    assert due(hear(TWENTY, whole, part), "EC-1-A") == wire(day(DUE))


def test_a_split_that_is_taken_back_withdraws_its_terms() -> None:
    story = carrying(commitment="X").planned("handed_over", 40).split(5, 8, name="S")
    account = hear(story.retracts("S", said=6), until=60)
    assert [each["withdrawn"] for each in account.terms("EC-1-A")] == [False, True]
    assert due(account, "EC-1-A") is None


def test_a_split_without_a_date_sends_only_whose_limits_hold() -> None:
    (said,) = hear(carrying(commitment="X").split(5, 8)).terms("EC-1-A")
    assert (said["due_at"], said["commitment"]) == (None, "X")
    assert hear(shipment().registered(vest=9).split(5, 8)).terms("EC-1-A") == []


def test_two_parts_of_each_other_do_not_go_on_for_ever() -> None:
    one = carrying(commitment="X").planned("handed_over", 40).split(5, 8)
    other = carrying(8, "EC-1-A", commitment="X").split(6, 3, child="EC-1")
    account = hear(one, other)
    assert (len(account.terms("EC-1")), len(account.terms("EC-1-A"))) == (1, 1)


def test_a_plan_that_comes_after_terms_makes_nothing_unplanned() -> None:
    story = carrying().planned("handed_over", 40, said=9)
    assert hear(TWENTY, story, until=30).said("unplanned") == []


def test_terms_that_come_late_end_unplanned() -> None:
    account = hear(carrying(), promise().committed(DUE, ambulance=20, at=9), until=30)
    assert account.said("unplanned") == [
        "raised day 4: info",
        "cleared day 9, ended day 9: happened",
    ]


TERMS = [
    Terms("commitment/P", 1, day(5), "P", known_at=day(1)),
    Terms("commitment/P", 2, None, None, withdrawn=True),
    Terms("commitment/P", 3, day(9), "P", known_at=day(3)),
    Terms("shipment/S", 1, day(4), "P", known_at=day(2)),
    Terms("shipment/T", 1, day(3), known_at=day(2)),
]


def test_terms_in_any_order_and_repeated_end_the_same() -> None:
    ends = set()
    for order in permutations(TERMS):
        known: tuple[Terms, ...] = ()
        for each in (*order, *order[:2]):
            known = latest_terms(known, each)
        ends.add(msgspec.msgpack.encode(known))
    assert len(ends) == 1
    known = msgspec.msgpack.decode(ends.pop(), type=tuple[Terms, ...])
    assert [(each.source, each.seq, each.known_at) for each in known] == [
        ("commitment/P", 3, day(1)),
        ("shipment/S", 1, day(2)),
        ("shipment/T", 1, day(2)),
    ]


def test_which_terms_stand() -> None:
    known: tuple[Terms, ...] = ()
    for each in TERMS:
        known = latest_terms(known, each)
    assert standing_terms(known, "P") == known[0]
    assert standing_terms(known, "Q") == known[2]
    assert standing_terms(known[:1], None) is None


LIMITS = """
version = "limits"
[default]
grace = "PT48H"
[commitment.US-EC-1]
grace = "PT6H"
"""


def test_the_limits_of_a_promise_reach_the_parts_of_a_split() -> None:
    story = carrying().planned("handed_over", 40).split(5, 8)
    part = shipment("EC-1-A").registered(ambulance=8, at=6)
    account = by_its_limits(story, part.split(7, 2, child="EC-1-A-1"))
    for name in ("EC-1", "EC-1-A", "EC-1-A-1"):
        assert overdue_since(account, name) == wire(day(40, hour=6))


def test_a_part_that_names_a_promise_has_the_limits_of_that() -> None:
    story = carrying().planned("handed_over", 40).split(5, 8)
    part = shipment("EC-1-A").registered(ambulance=8, at=6, commitment="US-EC-2")
    account = by_its_limits(story, part)
    assert overdue_since(account, "EC-1-A") == wire(day(42))


def by_its_limits(*stories: Story) -> Account:
    account = listen(stories[0])
    account.driver.feed(rules_record(LIMITS, 0))
    return account.hear(*in_order_heard(stories)).wait(45)


def overdue_since(account: Account, subject_id: str) -> object:
    delays = account.view(f"shipment/{subject_id}".encode())["delays"]
    (late,) = (each for each in delays if each["delay"] == "delivery_overdue")
    return late["late_since"]


def test_whose_limits_hold_is_at_hand() -> None:
    history = History("shipment", "EC-1", terms=(TERMS[3],))
    assert facts_of(history).promise == "P"
    assert facts_of(History("shipment", "EC-1")).promise is None


def test_only_what_changed_is_sent() -> None:
    wanted = {"shipment/A": Wanted(day(1), None), "shipment/B": Wanted(day(2), None)}
    sent = (Sent("shipment/B", 3, day(2)), Sent("shipment/C", 1, day(2)))
    assert list(to_send(sent, wanted)) == [
        Sent("shipment/A", 1, day(1)),
        Sent("shipment/C", 2, withdrawn=True),
    ]
    assert list(to_send((Sent("shipment/C", 2, withdrawn=True),), {})) == []


def test_a_state_of_before_there_were_terms_is_read() -> None:
    account = hear(carrying().planned("handed_over", 40))
    movement = account.driver.state("movements", b"shipment/EC-1")
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(movement))
    told, state, seq, first_at, history = stored[:5]
    old = msgspec.msgpack.encode([told, state, seq, first_at, history[:-1]])
    read = msgspec.msgpack.decode(old, type=Movement)
    assert (read.history, read.passed.seq) == (movement.history, 0)


class _EarlierHistory(msgspec.Struct, frozen=True, array_like=True):
    """A history as the build before terms read it."""

    kind: str
    subject_id: str


class _EarlierMovement(msgspec.Struct, frozen=True, array_like=True):
    """A movement as the build before terms read it."""

    state: str
    told: tuple[object, ...]
    seq: int
    first_at: datetime
    history: _EarlierHistory


def test_a_state_with_terms_is_read_by_the_build_before() -> None:
    movement = hear(TWENTY, carrying()).driver.state("movements", b"shipment/EC-1")
    read = msgspec.msgpack.decode(msgspec.msgpack.encode(movement), type=_EarlierMovement)
    assert (read.state, read.history.subject_id) == ("planned", "EC-1")


def test_what_had_happened_by_a_moment_is_due_by_the_terms_of_then() -> None:
    movement = hear(TWENTY, carrying(), until=60).driver.state("movements", b"shipment/EC-1")
    heard = [
        Heard(register.report, register.digest, register.report.revised_at)
        for register in movement.history.registers
    ]
    past = as_of(movement, heard, day(52), Judge(DEFAULT_BOOK))
    assert past is not None
    assert [delay.delay for delay in past.view().delays] == ["delivery_overdue"]
