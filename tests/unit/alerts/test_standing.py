"""What a level sink is shown, with which labels."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.alerts.core.digest import About
from services.alerts.core.standing import Standing, distinct, of_book, of_digest, watchdog
from tests.unit.alerts.desk import START, Desk, delay

MINUTE = timedelta(minutes=1)


def shown(desk: Desk) -> dict[str, datetime | None]:
    """Severity to end of what is shown of the one subject."""
    return {each.labels["severity"]: each.until for each in standings(desk)}


def standings(desk: Desk) -> list[Standing]:
    return distinct(of_book(desk.book(), desk.at, desk.policy))


def told(**more: Any) -> Desk:
    desk = Desk()
    desk.hear(delay(**more))
    desk.wait()
    return desk


def test_the_labels_are_those_of_the_contract_and_the_rest_is_annotations():
    (standing,) = standings(told(due_at="2026-03-01T00:00:00Z"))
    assert standing.labels == {
        "alertname": "DeliveryOverdue",
        "severity": "warning",
        "delay": "delivery_overdue",
        "kind": "shipment",
        "subject": "EC-AMB-0017",
        "milestone": "handed_over",
        "agency": "US-DHS-HSI",
        "country": "EC",
    }
    assert standing.annotations["summary"] == "delivery_overdue of EC-AMB-0017."
    assert standing.annotations["due_at"] == "2026-03-01T00:00:00Z"
    assert standing.annotations["items"] == '["ambulance"]'
    assert not standing.annotations.keys() & standing.labels.keys()
    assert all(isinstance(value, str) for value in standing.annotations.values())
    assert standing.path == "/v1/movements/shipment/EC-AMB-0017"


@pytest.mark.parametrize(
    ("name", "place", "label"),
    [
        ("dwell", {"milestone": "arrived", "leg": 2}, "arrived/2"),
        ("held", {"milestone": None, "hold_id": "H1"}, "hold/H1"),
        ("delivery_overdue", {"milestone": "handed_over"}, "handed_over"),
        ("silent", {"milestone": None}, None),
    ],
)
def test_the_milestone_label(name, place, label):
    (standing,) = standings(told(name=name, **place))
    assert standing.labels.get("milestone") == label


def test_the_path_is_quoted():
    (standing,) = list(of_book(_other("EC/1 ?"), START, Desk().policy))
    assert standing.path == "/v1/movements/shipment/EC%2F1%20%3F"


def _other(subject: str) -> Any:
    desk = told(subject_id=subject)
    return desk.book(f"shipment/{subject}")


def test_what_was_not_told_is_not_shown():
    desk = Desk()
    desk.hear(delay())
    assert standings(desk) == []


def test_what_becomes_known_of_a_subject_later_makes_no_other_alert_of_it():
    desk = told(agency=None, country=None)
    (begun,) = standings(desk)
    assert {"agency", "country"}.isdisjoint(begun.labels)
    desk.hear(delay(does="changed", seq=2, agency="US-FBI", country="EC"))
    desk.wait()
    assert [each.identity for each in standings(desk)] == [begun.identity]
    desk.hear(delay(does="cleared", seq=3, agency="US-FBI", country="EC"))
    (ended,) = standings(desk)
    assert (ended.identity, ended.until) == (begun.identity, desk.at)


def test_a_changed_severity_is_shown_beside_the_end_of_the_old_one_for_15_minutes():
    desk = told()
    desk.wait(MINUTE)
    desk.hear(delay(does="changed", seq=2, severity="critical"))
    desk.wait()
    assert shown(desk) == {"critical": None, "warning": desk.at}
    desk.wait(14 * MINUTE)
    assert set(shown(desk)) == {"critical", "warning"}
    desk.wait(MINUTE)
    assert shown(desk) == {"critical": None}


def test_a_severity_that_returns_is_no_longer_shown_as_ended():
    desk = told()
    for seq, severity in ((2, "critical"), (3, "warning")):
        desk.hear(delay(does="changed", seq=seq, severity=severity))
        desk.wait()
    assert shown(desk) == {"warning": None, "critical": desk.at}


def test_what_is_resolved_is_shown_for_15_minutes_with_its_end():
    desk = told()
    desk.hear(delay(does="cleared", seq=2))
    assert shown(desk) == {"warning": desk.at}
    desk.wait(14 * MINUTE)
    assert len(standings(desk)) == 1
    desk.wait(MINUTE)
    assert standings(desk) == []


def test_a_new_episode_is_not_ended_by_the_last_one():
    desk = told()
    desk.hear(delay(does="cleared", seq=2), delay(seq=3, episode=2))
    desk.wait()
    assert shown(desk) == {"warning": None}


def test_the_inhibited_stays_as_it_was_told():
    desk = told(name="silent", milestone=None)
    desk.hear(delay(seq=2), delay("held", seq=3, milestone=None, hold_id="H1"))
    desk.wait()
    assert {s.labels["delay"] for s in standings(desk)} == {"silent", "delivery_overdue", "held"}


def test_a_digest_is_shown_while_there_is_a_backlog():
    desk = Desk()
    desk.hear(delay(backlog=True))
    desk.wait(MINUTE)
    (digest,) = _digests(desk)
    assert (digest.labels["alertname"], digest.until) == ("BacklogDigest", None)
    desk.hear(delay(does="cleared", seq=2, backlog=True))
    (digest,) = _digests(desk)
    assert digest.until == desk.at
    desk.wait(16 * MINUTE)
    assert list(_digests(desk)) == []


def _digests(desk: Desk) -> Iterator[Standing]:
    state = desk.driver.state("digests", b"country/EC")
    return of_digest(state, About("backlog", "EC"), desk.at, desk.policy)


def test_the_watchdog_always_fires():
    assert watchdog(START).until is None
    assert watchdog(START).labels["alertname"] == "Watchdog"


def test_a_gap_in_a_promise_is_shown_as_of_its_commitment():
    gap = delay(
        "commitment_uncovered",
        kind="commitment",
        subject_id="US-EC/14",
        milestone=None,
        commitment="US-EC/14",
    )
    desk = Desk()
    desk.hear(gap)
    desk.wait()
    book = desk.driver.state("alerts", b"commitment/US-EC/14")
    (standing,) = of_book(book, desk.at, desk.policy)
    assert standing.labels == {
        "alertname": "CommitmentUncovered",
        "severity": "warning",
        "delay": "commitment_uncovered",
        "kind": "commitment",
        "subject": "US-EC/14",
        "agency": "US-DHS-HSI",
        "country": "EC",
    }
    assert standing.annotations["commitment"] == "US-EC/14"
    assert standing.path == "/v1/commitments/US-EC%2F14"
    desk.hear({**gap, "type": "delay_cleared", "seq": 2, "cleared_at": "2026-03-05T00:00:00Z",
               "ended_at": None, "because": "replanned"})  # fmt: skip
    desk.wait(timedelta(days=1))
    assert not desk.driver.failures
