"""The backlog pages nobody: one digest a country stands for it."""

from datetime import timedelta

import msgspec
import pytest

from schemas.topics import BACKLOG
from services.alerts.core.digest import Digest
from services.runtime.processor import Record
from tests.unit.alerts.desk import Desk, delay, sentences

HOUR = timedelta(hours=1)


def old(number: int, does: str = "raised", **more: object) -> dict[str, object]:
    fields = {"subject_id": f"EC-{number}", "backlog": True, "seq": 2 if does != "raised" else 1}
    return delay(**{"does": does, **fields, **more})  # type: ignore[arg-type]


def test_one_digest_a_country_however_many_subjects():
    desk = Desk()
    desk.hear(
        *(old(n) for n in range(20)), *(old(n, country="PE", name="silent") for n in range(20, 23))
    )
    desk.wait()
    assert desk.said() == []
    desk.wait(timedelta(seconds=30))
    assert sorted(sentences(desk)) == [
        "Backlog of EC, long late when first reported, nobody was paged: 20 delivery overdue.",
        "Backlog of PE, long late when first reported, nobody was paged: 3 silent.",
    ]
    assert {a["status"] for a in desk.alerts().values()} == {"open"}


def test_a_digest_that_grows_is_told_again_but_not_at_once():
    desk = Desk()
    desk.hear(old(1))
    desk.wait(timedelta(minutes=1))
    assert len(sentences(desk)) == 1
    desk.hear(old(2), old(3))
    desk.wait(timedelta(minutes=50))
    assert sentences(desk) == []
    desk.wait(timedelta(minutes=10))
    (said,) = sentences(desk)
    assert said.endswith(": 3 delivery overdue.")


def test_a_digest_that_is_worked_off_resolves():
    desk = Desk()
    desk.hear(old(1), old(2))
    desk.wait(timedelta(minutes=1))
    sentences(desk)
    desk.hear(old(1, "cleared"))
    assert sentences(desk) == []
    desk.hear(old(2, "cleared"))
    assert sentences(desk) == ["The backlog of EC is worked off."]
    state = desk.driver.state("digests", b"country/EC")
    assert isinstance(state, Digest)
    assert state.total == 0


def test_a_backlog_that_ends_before_it_was_told_says_nothing():
    desk = Desk()
    desk.hear(old(1), old(1, "cleared"))
    desk.wait(HOUR)
    assert sentences(desk) == []


def test_a_digest_is_tried_again_like_any_message():
    desk = Desk()
    desk.hear(old(1))
    desk.wait(timedelta(minutes=1))
    (call,) = desk.calls()
    desk.answer(call, "retry")
    desk.wait(HOUR)
    assert desk.calls()[0] == call
    desk.answer(call)
    desk.wait(HOUR)
    assert desk.calls() == []


def test_a_delay_that_changes_country_moves_its_count():
    desk = Desk()
    desk.hear(old(1), old(1, "changed", country="PE"))
    counts = {k: s.counts for k, s in desk.driver.states("digests")}
    assert counts == {b"country/EC": {}, b"country/PE": {"delivery_overdue": 1}}


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (b"country/EC", {"delay": "silent"}),
        (b"storm/EC", {"type": "counted", "delay": "silent", "severity": "info"}),
    ],
)
def test_a_step_is_one_more_or_one_less(key, said):
    desk = Desk()
    for by in (1, 2**63, 0, -1):
        desk.driver.feed(
            Record(BACKLOG.full_name, key, msgspec.json.encode(said | {"by": by})), desk.at
        )
    assert len(desk.driver.failures) == 2
    state = desk.driver.state("digests", key)
    assert isinstance(state, Digest)
    assert state.total == 0
