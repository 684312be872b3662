"""Which open delay silences which, case by case."""

import msgspec
import pytest

from services.alerts.core.delay import Delay, decode_delay
from services.alerts.core.inhibition import inhibits
from tests.unit.alerts.desk import Desk, delay

PLACE = {
    "never_departed": {"milestone": "departed", "leg": 1},
    "milestone_overdue": {"milestone": "arrived", "leg": 2},
    "dwell": {"milestone": "arrived", "leg": 1},
    "held": {"milestone": None, "hold_id": "H1"},
    "silent": {"milestone": None},
    "damage_loss": {"milestone": None},
    "publisher_silent": {"milestone": None},
}
OVERDUE = ("delivery_overdue", "no_show")
PLAN = ("silent", "dwell", "eta_slip", "milestone_overdue", "never_departed")
PAIRS = {(a, b) for a in OVERDUE for b in PLAN} | {
    ("held", "dwell"),
    ("held", "silent"),
    ("short_delivery", "damage_loss"),
    ("no_show", "damage_loss"),
    ("publisher_silent", "silent"),
    ("never_departed", "milestone_overdue"),
}
ALL = sorted(
    {name for pair in PAIRS for name in pair} | {"overstay", "unverified_delivery", "unplanned"}
)


def word(name: str, **more: object) -> Delay:
    return decode_delay(msgspec.json.encode(delay(name, **{**PLACE.get(name, {}), **more})))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("inhibitor", ALL)
def test_the_matrix(inhibitor, name):
    if inhibitor != name:
        assert inhibits(word(inhibitor), word(name)) == ((inhibitor, name) in PAIRS)


@pytest.mark.parametrize(
    ("inhibitor", "silenced", "expected"),
    [
        ("info", "warning", False),
        ("warning", "warning", True),
        ("critical", "warning", True),
        ("warning", "critical", False),
    ],
)
def test_nothing_silences_what_is_more_severe(inhibitor, silenced, expected):
    over = word("delivery_overdue", severity=inhibitor)
    assert inhibits(over, word("silent", severity=silenced)) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("ready", None), ("departed", 2), True),
        (("ready", None), ("confirmed", None), True),
        (("arrived", 1), ("departed", 2), True),
        (("departed", 2), ("arrived", 2), True),
        (("arrived", 2), ("arrived", 1), False),
        (("departed", 2), ("arrived", 1), False),
        (("confirmed", None), ("arrived", 3), False),
        (("arrived", 1), ("arrived", 1), False),
    ],
)
def test_of_overdue_milestones_the_earlier_speaks(first, second, expected):
    early = word("milestone_overdue", milestone=first[0], leg=first[1])
    late = word("milestone_overdue", milestone=second[0], leg=second[1])
    assert inhibits(early, late) == expected


def test_never_departed_leaves_an_earlier_milestone_its_voice():
    assert not inhibits(
        word("never_departed"), word("milestone_overdue", milestone="ready", leg=None)
    )
    assert not inhibits(
        word("milestone_overdue", milestone="ready", leg=None), word("never_departed")
    )


def test_what_only_a_digest_told_silences_nothing():
    assert not inhibits(word("delivery_overdue", backlog=True), word("silent"))


def test_the_inhibited_is_written_down_and_not_told():
    desk = Desk()
    over, silent = delay(seq=1), delay("silent", seq=2, milestone=None)
    desk.hear(over, silent)
    desk.wait()
    assert desk.answer_all() == ["alert.opened delivery_overdue warning"]
    alert = desk.alerts()["silent/1"]
    assert (alert["status"], alert["inhibited_by"]) == ("open", over["delay_id"])


def test_the_order_in_which_one_moment_is_told_does_not_matter():
    desk = Desk()
    desk.hear(
        delay("dwell", seq=1, milestone="arrived", leg=1),
        delay("held", seq=2, milestone=None, hold_id="H1"),
    )
    desk.wait()
    assert desk.answer_all() == ["alert.opened held warning"]


def test_when_the_inhibitor_ends_first_the_inhibited_notifies():
    desk = Desk()
    desk.hear(delay(seq=1), delay("silent", seq=2, milestone=None))
    desk.wait()
    desk.answer_all()
    desk.hear(delay(does="cleared", seq=3))
    assert desk.answer_all() == ["alert.resolved delivery_overdue warning"]
    desk.wait()
    assert desk.answer_all() == ["alert.opened silent warning"]
    assert desk.alerts()["silent/1"]["inhibited_by"] is None


def test_when_both_end_together_nobody_is_woken_in_between():
    desk = Desk()
    desk.hear(delay(seq=1), delay("silent", seq=2, milestone=None))
    desk.wait()
    desk.answer_all()
    desk.hear(delay(does="cleared", seq=3), delay("silent", "cleared", seq=4, milestone=None))
    desk.wait()
    assert desk.answer_all() == ["alert.resolved delivery_overdue warning"]


def test_what_was_told_before_it_was_inhibited_is_resolved_when_it_ends():
    desk = Desk()
    desk.hear(delay("silent", seq=1, milestone=None))
    desk.wait()
    desk.hear(
        delay(seq=2),
        delay("silent", "changed", seq=3, milestone=None, due_at="2026-03-01T00:00:00Z"),
    )
    desk.wait()
    assert desk.answer_all() == [
        "alert.opened silent warning",
        "alert.opened delivery_overdue warning",
    ]
    desk.hear(delay("silent", "cleared", seq=4, milestone=None))
    assert desk.answer_all() == ["alert.resolved silent warning"]


def test_what_grew_worse_than_its_inhibitor_is_told():
    desk = Desk()
    desk.hear(delay(seq=1), delay("never_departed", seq=2, milestone="departed", leg=1))
    desk.wait()
    desk.answer_all()
    desk.hear(
        delay("never_departed", "changed", seq=3, milestone="departed", leg=1, severity="critical")
    )
    desk.wait()
    assert desk.answer_all() == ["alert.opened never_departed critical"]


def test_inhibition_stays_within_a_subject():
    desk = Desk()
    desk.hear(delay(seq=1), delay("silent", seq=1, milestone=None, subject_id="EC-AMB-0018"))
    desk.wait()
    assert len(desk.answer_all()) == 2
