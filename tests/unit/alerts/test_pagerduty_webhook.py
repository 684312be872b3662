"""PagerDuty's acknowledgement becomes ours, if it is signed and a person's."""

import hashlib
import hmac
from pathlib import Path

import httpx
import msgspec
import pytest

from services.alerts.pagerduty_webhook import read_secrets
from tests.unit.alerts.people import SECRET, People, alert, demand_problem, id_of, resolved

USER = {"id": "PXPGF42", "type": "user_reference", "summary": "Earline Greenholt"}
EVENTS_API = {"id": "PXMQRWJ", "type": "inbound_integration_reference", "summary": "Events API V2"}


def message(what: str = "incident.acknowledged", **more: object) -> bytes:
    """As PagerDuty sends it, shortened."""
    event: dict[str, object] = {
        "id": "01BZYK5B3WC0QI62S87MJX7FCD",
        "event_type": what,
        "resource_type": "incident",
        "occurred_at": "2026-03-02T11:54:23.185Z",
        "agent": USER,
        "client": None,
        "data": {"id": "PQ1K5C8", "type": "incident", "incident_key": id_of("EC-1"), "number": 10},
    }
    return msgspec.json.encode({"event": event | more})


def signature(body: bytes, secret: bytes = SECRET) -> str:
    return f"v1={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def send(people: People, body: bytes, signed: str | None = None) -> httpx.Response:
    headers = {"x-pagerduty-signature": signature(body) if signed is None else signed}
    return people.ask("POST", "/v1/pagerduty", None, body, headers)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path, alert("EC-1"), resolved("EC-2", 1, 2))


def test_its_acknowledgement_is_ours_without_a_persons_name(people: People) -> None:
    assert send(people, message()).status_code == 202
    ((key, command),) = people.written
    assert key == b"shipment/EC-1"
    assert command.model_dump(mode="json") == {
        "command": "acknowledge",
        "delay_id": id_of("EC-1"),
        "by": "pagerduty:PXPGF42",
        "at": "2026-03-02T11:54:23.185Z",
        "until": None,
        "note": None,
    }


def test_a_message_that_comes_again_is_the_same_command(people: People) -> None:
    for _ in range(2):
        assert send(people, message()).status_code == 202
    assert people.written[0] == people.written[1]


def test_it_takes_its_acknowledgement_back_by_itself_too(people: People) -> None:
    send(people, message("incident.unacknowledged"))
    send(people, message("incident.unacknowledged", agent=None))
    said = [(command.command, command.by) for _, command in people.written]
    assert said == [("unacknowledge", "pagerduty:PXPGF42"), ("unacknowledge", "pagerduty")]


def test_what_is_resolved_there_is_a_note_here(people: People) -> None:
    send(people, message("incident.resolved"))
    ((_, command),) = people.written
    assert command.command == "note"
    assert command.note == "Resolved in PagerDuty; what it is about may well last."


def test_a_clock_that_is_ahead_is_not_believed(people: People) -> None:
    send(people, message(occurred_at="2026-03-02T18:00:00Z"))
    ((_, command),) = people.written
    assert command.model_dump(mode="json")["at"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize(
    "body",
    [
        message("incident.triggered"),
        message("pagey.ping", data={"type": "ping", "message": "Hello"}),
        message(agent=EVENTS_API),
        message("incident.resolved", agent=EVENTS_API),
        message(data={"id": "PQ1K5C8", "type": "incident"}),
        message(data={"incident_key": None}),
        message(data={"incident_key": id_of("EC-9")}),
        message(data={"incident_key": "somebody else's"}),
    ],
)
def test_what_does_not_concern_us_is_taken_and_dropped(people: People, body: bytes) -> None:
    assert send(people, body).status_code == 202
    assert people.written == []


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "v1=",
        "v1=00",
        signature(message(), b"nobody's secret"),
        signature(b"{}"),
        signature(message()).removeprefix("v1="),
        signature(message()).replace("v1=", "v0="),
        "v1=é",
    ],
)
def test_what_is_not_signed_is_not_believed(people: People, signed: str) -> None:
    headers = {"x-pagerduty-signature": signed.encode("latin-1")}
    answer = people.ask("POST", "/v1/pagerduty", None, message(), headers)  # type: ignore[arg-type]
    demand_problem(answer, 401, "bad_signature")
    assert people.written == []


def test_any_of_several_signatures_by_any_of_our_secrets_is_enough(people: People) -> None:
    body = message()
    both = f"{signature(body, b'one that was replaced')}, {signature(body)}"
    assert send(people, body, both).status_code == 202
    assert send(people, body, signature(body, b"another one, newer")).status_code == 202
    assert len(people.written) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        message(occurred_at="yesterday"),
        message(agent={"id": 7}),
        message(data=[]),
    ],
)
def test_what_is_signed_and_no_message_is_refused(people: People, body: bytes) -> None:
    demand_problem(send(people, body), 400, "bad_message")


def test_while_kafka_is_away_it_is_to_send_again(people: People) -> None:
    people.kafka_is_there = False
    demand_problem(send(people, message()), 503, "not_ready")


def test_its_body_is_bounded(people: People) -> None:
    demand_problem(send(people, b" " * 1024 * 1025), 413, "body_too_large")


def test_every_subscription_has_a_secret_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_text("0123456789abcdef\n\n fedcba9876543210 \n")
    assert read_secrets(path) == [b"0123456789abcdef", b"fedcba9876543210"]
    for text in ("", "\n", "0123456789abcdef\nshort\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match="no secret"):
            read_secrets(path)
