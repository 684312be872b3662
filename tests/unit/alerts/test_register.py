"""The order of alerts is that of their opening, whatever is told of them and in which order."""

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.alerts import escalation_id
from services.alerts.core.register import Place, Register, Wanted
from tests.unit.alerts.people import alert, id_of, resolved


def fill(register: Register, *alerts: dict[str, object]) -> Register:
    for each in alerts:
        register.take(msgspec.json.encode(each))
    return register


def listed(register: Register, limit: int, wanted: Wanted = Wanted()) -> list[str]:  # noqa: B008
    """All of them, page by page."""
    found: list[str] = []
    after: Place | None = None
    while True:
        page = register.page(wanted, after, limit)
        assert len(page.alerts) <= limit
        found += [msgspec.json.decode(value)["subject_id"] for value in page.alerts]
        after = page.more_after
        if after is None:
            return found


@given(
    minutes=st.lists(st.integers(0, 5), max_size=12),
    ended=st.lists(st.integers(0, 5) | st.none(), min_size=12, max_size=12),
    limit=st.integers(1, 5),
    seed=st.randoms(use_true_random=False),
)
def test_every_instance_lists_the_same_whatever_it_heard_first(
    minutes: list[int], ended: list[int | None], limit: int, seed: random.Random
) -> None:
    opened = [alert(f"S-{n}", at) for n, at in enumerate(minutes)]
    over = [
        resolved(f"S-{n}", minutes[n], end)
        for n, end in enumerate(ended[: len(minutes)])
        if end is not None
    ]
    one = fill(Register(3), *opened, *over)
    words = [(each, *(e for e in over if e["alert_id"] == each["alert_id"])) for each in opened]
    seed.shuffle(words)
    other = fill(Register(3), *(each for said in words for each in said))
    assert listed(one, limit) == listed(other, 100)
    assert one.resolved_since == other.resolved_since
    assert len(listed(one, limit)) == len(opened) - max(0, len(over) - 3)


def test_a_new_word_takes_the_place_of_the_old() -> None:
    register = fill(Register(9), alert("A"), alert("B", 1), alert("A", severity="critical"))
    assert listed(register, 1) == ["B", "A"]
    critical = Wanted({"severity": frozenset({"critical"})})
    assert listed(register, 1, critical) == ["A"]
    again = fill(register, resolved("A", 0, 5), alert("A"))
    assert listed(again, 9) == ["B", "A"]
    known = again.find(id_of("A"))
    assert known is not None
    assert known.listed.status == "open"
    assert again.resolved_since is None


def test_an_open_escalation_is_an_alert_by_another_name() -> None:
    register = fill(Register(9), alert("A", escalation=2), alert("B"))
    steps = [escalation_id(id_of("A"), "warning", step) for step in (1, 2, 3)]
    found = [register.find(step) for step in steps]
    assert [known and known.listed.subject_id for known in found] == ["A", "A", None]
    fill(register, alert("A", escalation=None))
    assert register.find(steps[0]) is None
    assert register.find(id_of("A")) is not None
    assert listed(fill(register, alert("A", escalation=1)), 9) == ["A", "B"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"opened_at": "2026-03-02T00:00:00"},
        {"resolved_at": "2026-03-02T00:00:00"},
        {"alert_id": "A", "escalation": 1},
    ],
)
def test_what_is_no_alert_is_refused_and_changes_nothing(wrong: dict[str, object]) -> None:
    register = fill(Register(9), alert("B"))
    with pytest.raises(ValueError):  # noqa: PT011 - the decoder's or that of ids
        fill(register, alert("A") | wrong)
    assert listed(register, 9) == ["B"]
    assert register.find("A") is None


def test_nothing_resolved_need_be_kept() -> None:
    register = fill(Register(0), alert("A"), resolved("B", 1, 2))
    assert listed(register, 9) == ["A"]
