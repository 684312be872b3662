"""Which dead letters would say again what no longer holds."""

import msgspec
import pytest

from services.alerts.core.dead_letters import DeadLetter
from services.cli.dead_lettered import Letter, Standing, outlived

STEP = "a step"


def letter(what: str, seq: int = 1, alert_id: str = "1") -> Letter:
    message = msgspec.Raw(msgspec.json.encode({"type": f"alert.{what}", "data": {}}))
    at = "2026-03-02T00:00:00Z"
    dead = DeadLetter(what, "webhook", alert_id, seq, message, "refused", 1, at, at)
    return Letter(b"shipment/EC-1", dead)


def left_out(status: str, seq: int, *letters: Letter, alert_id: str = "1") -> set[str]:
    return outlived(letters, {alert_id: Standing(alert_id, "1", seq, status)})


@pytest.mark.parametrize(
    ("status", "seq", "words", "expected"),
    [
        ("open", 1, ["opened"], set()),
        ("open", 2, ["opened"], {"opened"}),
        ("resolved", 1, ["opened"], {"opened"}),
        ("resolved", 1, ["opened", "resolved"], set()),
        ("acknowledged", 1, ["acknowledged"], set()),
        ("open", 1, ["acknowledged"], {"acknowledged"}),
        ("open", 1, ["acknowledged", "unacknowledged"], {"acknowledged"}),
    ],
)
def test_what_no_longer_holds_is_left_out(
    status: str, seq: int, words: list[str], expected: set[str]
) -> None:
    assert left_out(status, seq, *(letter(word) for word in words)) == expected


def test_an_escalation_is_not_outdated_by_a_change_of_its_alert() -> None:
    """It was told nobody, and no change of it will be."""
    escalated = letter("escalated", alert_id=STEP)
    assert left_out("open", 5, escalated, alert_id=STEP) == set()
    assert left_out("resolved", 5, escalated, alert_id=STEP) == {"escalated"}


def test_of_a_digest_nothing_is_known() -> None:
    assert outlived([letter("opened")], {}) == set()
