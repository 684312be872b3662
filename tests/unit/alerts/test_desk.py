"""People's tools list alerts, look at one, and say what they do about it."""

from pathlib import Path

import httpx
import pytest

from schemas.alerts import escalation_id
from schemas.commands import Command
from tests.unit.alerts.people import People, alert, demand_problem, id_of, resolved

ONE = f"/v1/alerts/{id_of('EC-1')}"
ACKNOWLEDGE = f"{ONE}/acknowledge"


def subjects(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["subject_id"] for each in answer.json()["alerts"]]


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(
        tmp_path,
        alert("EC-1"),
        alert("EC-2", 1, severity="critical"),
        alert("CO-3", 2, country="CO", status="acknowledged", acknowledged_by="oncall"),
        resolved("EC-4", 3, 4),
        alert("T-5", 5, kind="deployment", delay="no_show", agency="US-FBI"),
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["T-5", "EC-4", "CO-3", "EC-2", "EC-1"]),
        ("status=open", ["T-5", "EC-2", "EC-1"]),
        ("status=open&status=acknowledged", ["T-5", "CO-3", "EC-2", "EC-1"]),
        ("severity=critical", ["EC-2"]),
        ("country=CO", ["CO-3"]),
        ("country=XX", []),
        ("agency=US-FBI", ["T-5"]),
        ("kind=deployment", ["T-5"]),
        ("delay=no_show", ["T-5"]),
        ("subject=EC-1", ["EC-1"]),
        ("acknowledged=true", ["CO-3"]),
        ("acknowledged=false&status=resolved", ["EC-4"]),
        ("country=EC&severity=warning&limit=1", ["T-5"]),
    ],
)
def test_a_list_takes_what_every_filter_takes(
    people: People, query: str, expected: list[str]
) -> None:
    assert subjects(people.get(f"/v1/alerts?{query}")) == expected


def test_pages_follow_each_other_whatever_opens_meanwhile(people: People) -> None:
    found, cursor = [], ""
    for number in range(3):
        page = people.get(f"/v1/alerts?limit=2{cursor}")
        found += subjects(page)
        cursor = f"&cursor={page.json()['next']}"
        people.tell(alert(f"NEW-{number}", 10 + number))
    assert found == ["T-5", "EC-4", "CO-3", "EC-2", "EC-1"]
    assert page.json()["next"] is None


def test_the_last_page_that_is_full_has_no_next(people: People) -> None:
    assert people.get("/v1/alerts?limit=5").json()["next"] is None
    assert people.get("/v1/alerts?limit=4").json()["next"] is not None


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("statsu=open", "unknown_parameter", "statsu"),
        ("status=closed", "bad_parameter", "status"),
        ("severity=warning&severity=bad", "bad_parameter", "severity"),
        ("kind=boat", "bad_parameter", "kind"),
        ("delay=late", "bad_parameter", "delay"),
        ("acknowledged=yes", "bad_parameter", "acknowledged"),
        ("limit=0", "bad_parameter", "limit"),
        ("limit=201", "bad_parameter", "limit"),
        ("limit=-1", "bad_parameter", "limit"),
        ("limit=99999999999999999999", "bad_parameter", "limit"),
        ("limit=²", "bad_parameter", "limit"),
        ("cursor=x", "bad_parameter", "cursor"),
        ("cursor=%C3%A9", "bad_parameter", "cursor"),
        ("cursor=WzEsMl0", "bad_parameter", "cursor"),
        ("cursor=bnVsbA", "bad_parameter", "cursor"),
        pytest.param(f"cursor={'W1tb' * 1000}", "bad_parameter", "cursor", id="3,000 brackets"),
    ],
)
def test_a_question_that_is_not_understood_is_not_answered_by_more_than_was_asked(
    people: People, query: str, code: str, field: str
) -> None:
    demand_problem(people.get(f"/v1/alerts?{query}"), 400, code, field)


def test_an_alert_is_shown_as_it_was_written_with_its_history(people: People) -> None:
    said = people.get(ONE).json()
    assert said == {
        "alert": alert("EC-1"),
        "history": [{"action": "raised"}],
        "history_complete": True,
    }


def test_what_is_not_known_is_not_found(people: People) -> None:
    for path in ("/v1/alerts/nothing", f"/v1/alerts/{id_of('EC-9')}"):
        demand_problem(people.get(path), 404, "unknown_alert")
        demand_problem(people.post(f"{path}/acknowledge"), 404, "unknown_alert")
    demand_problem(people.get(f"{ONE}/more"), 404, "not_found")
    demand_problem(people.get(ACKNOWLEDGE), 405, "method_not_allowed")


def test_of_the_resolved_the_last_are_kept_and_it_is_said_since_when(tmp_path: Path) -> None:
    ended = [resolved(f"EC-{n}", n, 100 - n) for n in range(4)]
    people = People(tmp_path, alert("EC-9"), *ended, kept=2)
    page = people.get("/v1/alerts")
    assert subjects(page) == ["EC-1", "EC-0", "EC-9"]
    assert page.json()["resolved_since"] == "2026-03-02T01:39:00Z"
    gone = people.get(f"/v1/alerts/{id_of('EC-3')}")
    demand_problem(gone, 404, "unknown_alert")
    assert "resolved before 2026-03-02T01:39:00Z" in gone.json()["detail"]


def test_nothing_is_said_of_forgetting_as_long_as_nothing_is_forgotten(people: People) -> None:
    assert people.get("/v1/alerts").json()["resolved_since"] is None


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        (None, (401, "no_key"), (401, "no_key")),
        ("oncall.00", (401, "unknown_key"), (401, "unknown_key")),
        ("nobody.00", (401, "unknown_key"), (401, "unknown_key")),
        ("field", (403, "not_allowed"), (403, "not_allowed")),
        ("board", None, (403, "not_allowed")),
        ("oncall", None, None),
    ],
)
def test_who_may_read_and_who_may_acknowledge(
    people: People, who: str | None, reads: tuple[int, str] | None, writes: tuple[int, str] | None
) -> None:
    for path in ("/v1/alerts", ONE):
        answer = people.get(path, who)
        if reads is None:
            assert answer.status_code == 200
        else:
            demand_problem(answer, *reads)
    answer = people.post(ACKNOWLEDGE, who=who)
    if writes is None:
        assert answer.status_code == 202
    else:
        demand_problem(answer, *writes)
        assert people.written == []


def test_an_acknowledgement_is_a_command_under_the_key_of_its_subject(people: People) -> None:
    said = {"until": "2026-03-02T20:00:00+04:00", "note": "Calling the carrier."}
    answer = people.post(ACKNOWLEDGE, said)
    assert answer.status_code == 202
    assert answer.json() == {
        "command": "acknowledge",
        "delay_id": id_of("EC-1"),
        "by": "oncall",
        "at": "2026-03-02T12:00:00Z",
        "until": "2026-03-02T16:00:00Z",
        "note": "Calling the carrier.",
    }
    assert people.written == [
        (b"shipment/EC-1", Command.model_validate_json(answer.content)),
    ]


def test_bare_words_are_enough(people: People) -> None:
    assert people.post(ACKNOWLEDGE).status_code == 202
    assert people.post(f"{ONE}/unacknowledge", {"note": "Handed over."}).status_code == 202
    assert people.post(f"{ONE}/note", {"note": "Seen at the border."}).status_code == 202
    said = [(command.command, command.note) for _, command in people.written]
    assert said == [
        ("acknowledge", None),
        ("unacknowledge", "Handed over."),
        ("note", "Seen at the border."),
    ]


@pytest.mark.parametrize(
    ("command", "content", "code", "field"),
    [
        ("acknowledge", b"{", "not_json", None),
        ("acknowledge", b"\xff", "not_json", None),
        ("acknowledge", b"[" * 9999, "not_json", None),
        ("acknowledge", [], "wrong_type", None),
        ("acknowledge", {"untill": "2026-03-02T20:00:00Z"}, "unknown_field", "untill"),
        ("acknowledge", {"until": "2026-03-02T20:00:00"}, "naive_time", "until"),
        ("acknowledge", {"until": "1826-03-02T20:00:00Z"}, "implausible_time", "until"),
        ("acknowledge", {"until": 7}, "wrong_type", "until"),
        ("acknowledge", {"until": "2026-03-02T12:00:00Z"}, "until_passed", "until"),
        ("acknowledge", {"note": 7}, "wrong_type", "note"),
        ("acknowledge", {"note": ""}, "bad_code", "note"),
        ("acknowledge", {"note": "x" * 1001}, "bad_code", "note"),
        ("acknowledge", {"note": "call +593 4 123 4567"}, "personal_data", "note"),
        ("unacknowledge", {"until": "2026-03-02T20:00:00Z"}, "unknown_field", "until"),
        ("unacknowledge", {"note": "a@example.org knows"}, "personal_data", "note"),
        ("note", {}, "missing_field", "note"),
        ("note", b"", "missing_field", "note"),
        ("note", {"note": None}, "wrong_type", "note"),
    ],
)
def test_a_word_that_cannot_be_taken_is_refused_with_a_reason(
    people: People, command: str, content: object, code: str, field: str | None
) -> None:
    answer = people.post(f"{ONE}/{command}", content)
    demand_problem(answer, 422, code, field)
    assert "4567" not in answer.text
    assert people.written == []


def test_of_what_is_resolved_only_notes_are_taken(people: People) -> None:
    path = f"/v1/alerts/{id_of('EC-4')}"
    demand_problem(people.post(f"{path}/acknowledge"), 409, "resolved")
    demand_problem(people.post(f"{path}/unacknowledge"), 409, "resolved")
    assert people.post(f"{path}/note", {"note": "The seal was broken."}).status_code == 202


def test_what_is_said_of_an_escalation_is_said_of_its_alert(people: People) -> None:
    people.tell(alert("EC-1", escalation=1, severity="critical"))
    step = escalation_id(id_of("EC-1"), "critical", 1)
    assert people.get(f"/v1/alerts/{step}").json()["alert"]["subject_id"] == "EC-1"
    assert people.post(f"/v1/alerts/{step}/acknowledge").json()["delay_id"] == id_of("EC-1")


def test_a_body_is_bounded(people: People) -> None:
    demand_problem(people.post(ACKNOWLEDGE, b" " * 16_385), 413, "body_too_large")


def test_while_kafka_is_away_nobody_is_told_half_of_it(people: People) -> None:
    people.kafka_is_there = False
    demand_problem(people.get("/v1/alerts"), 503, "not_ready")
    demand_problem(people.get(ONE), 503, "not_ready")
    demand_problem(people.post(ACKNOWLEDGE), 503, "not_ready")
