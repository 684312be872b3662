"""`chasqui alerts` asks the desk of alerts, and says what people say."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from click.testing import CliRunner, Result

from schemas.times import parse
from services.cli.alerts import alerts
from tests.unit.alerts.people import alert, id_of, resolved
from tests.unit.cli.scripted import ScriptedServer

KEY = {"CHASQUI_SOURCE_KEY": "oncall.00", "COLUMNS": "120"}
ONE = id_of("EC-1")
SOON = {"retry-after": "0"}


def run(server: ScriptedServer, *arguments: str, **env: str | None) -> Result:
    command = [*arguments, "--url", server.url]
    return CliRunner().invoke(alerts, command, env={**KEY, **env}, catch_exceptions=False)


def page(*found: dict[str, object], cursor: str | None = None) -> bytes:
    return orjson.dumps({"alerts": found, "next": cursor, "resolved_since": None})


def taken(**more: object) -> bytes:
    said = {"command": "note", "delay_id": ONE, "by": "oncall", "at": "2026-03-02T12:00:00Z"}
    return orjson.dumps(said | {"until": None, "note": None} | more)


def text(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_what_is_not_resolved_is_listed_page_after_page(server: ScriptedServer) -> None:
    held = alert("EC-2", status="acknowledged", acknowledged_by="oncall", severity="critical")
    server.answers = [(200, {}, page(held, cursor="abc")), (200, {}, page(alert("EC-1")))]
    shown = text(run(server, "list", "--country", "EC", "--country", "CO"))
    first, second = (urlsplit(body.decode()) for body in server.bodies)
    wanted = {"status": ["open", "acknowledged"], "country": ["EC", "CO"], "limit": ["200"]}
    assert (first.path, parse_qs(first.query)) == ("/v1/alerts", wanted)
    assert parse_qs(second.query) == wanted | {"cursor": ["abc"]}
    assert "2 alerts" in shown
    assert "acknowledged by oncall" in shown
    assert "EC-1 is late." in shown
    assert ONE in shown


def test_the_limit_ends_the_list_and_says_so(server: ScriptedServer) -> None:
    found = [alert(f"EC-{n}", n) for n in range(3)]
    server.answers = [(200, {}, page(*found, cursor="abc"))] * 2
    assert "2 alerts" in text(run(server, "list", "--limit", "2"))
    as_json = run(server, "list", "--limit", "2", "--json").stdout.splitlines()
    assert [orjson.loads(line)["subject_id"] for line in as_json] == ["EC-0", "EC-1"]
    assert len(server.bodies) == 2


def test_a_resolved_alert_is_listed_when_asked_for(server: ScriptedServer) -> None:
    server.answers = [(200, {}, page(resolved("EC-1", 0, 5)))]
    shown = text(run(server, "list", "--status", "resolved"))
    assert server.bodies == [b"/v1/alerts?status=resolved&limit=200"]
    assert "resolved since 2026-03-02T00:05:00Z" in shown


def test_an_alert_is_shown_with_its_evidence_and_history(server: ScriptedServer) -> None:
    evidence = {"rule": "delivery_overdue", "rules_version": "1", "threshold": "PT24H"}
    known = alert("EC-1", evidence=evidence | {"events": ["US-FBI/e1"]})
    entry = {"at": "2026-03-02T00:00:01Z", "action": "sent", "by": "webhook", "detail": None}
    answer = {"alert": known, "history": [entry], "history_complete": False}
    server.answers = [(200, {}, orjson.dumps(answer))] * 2
    shown = text(run(server, "show", ONE))
    assert server.bodies == [f"/v1/alerts/{ONE}".encode()]
    for words in (
        "warning delivery_overdue of shipment/EC-1",
        "by rule delivery_overdue of rules 1, limit PT24H, from: US-FBI/e1",
        "2026-03-02T00:00:01Z │ sent │ webhook",
        "and more",
    ):
        assert words in shown
    assert orjson.loads(run(server, "show", ONE, "--json").stdout) == answer


def test_an_acknowledgement_says_until_when(server: ScriptedServer) -> None:
    until = "2026-03-02T16:00:00Z"
    server.answers = [(202, {}, taken(command="acknowledge", until=until))] * 3
    said = text(run(server, "ack", ONE, "--until", "2026-03-02T18:00:00+02:00", "--note", "Mine."))
    assert said == f"Said by oncall at 2026-03-02T12:00:00Z: acknowledge {ONE} until {until}."
    assert orjson.loads(server.bodies[0]) == {"until": until, "note": "Mine."}
    before = datetime.now(UTC)
    run(server, "ack", ONE, "--for", "PT4H")
    lasts = parse(orjson.loads(server.bodies[1])["until"]) - before
    assert timedelta(hours=3, minutes=59) < lasts < timedelta(hours=4, minutes=5)
    run(server, "ack", ONE)
    assert orjson.loads(server.bodies[2]) == {}


def test_it_is_taken_back_and_noted(server: ScriptedServer) -> None:
    server.answers = [(202, {}, taken(command="unacknowledge")), (202, {}, taken(note="Seen."))]
    assert "unacknowledge" in text(run(server, "unack", ONE))
    assert "note" in text(run(server, "note", ONE, "Seen."))
    assert [orjson.loads(body) for body in server.bodies] == [{}, {"note": "Seen."}]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ack", ONE, "--for", "PT4H", "--until", "2026-03-02T18:00:00Z"), "give one of them"),
        (("ack", ONE, "--for", "4 hours"), "is not a duration, as PT4H"),
        (("ack", ONE, "--for", "PT0S"), "is not a duration"),
        (("ack", ONE, "--until", "2026-03-02"), "a time is written"),
        (("list", "--status", "closed"), "'closed' is not one of"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(
    server: ScriptedServer, arguments: tuple[str, ...], says: str
) -> None:
    refused = run(server, *arguments)
    assert refused.exit_code == 2
    assert says in refused.output
    assert server.bodies == []


def test_what_the_service_refuses_is_a_sentence(server: ScriptedServer) -> None:
    problem = orjson.dumps({"detail": "board lacks the scope operator"})
    server.answers = [(404, {}, b"{}"), (403, {}, problem)]
    unknown, refused = run(server, "show", ONE), run(server, "ack", ONE)
    assert unknown.output == f"Error: The alerts service knows no alert {ONE}.\n"
    assert "403 board lacks the scope operator" in refused.output
    assert (unknown.exit_code, refused.exit_code) == (1, 1)


def test_what_it_cannot_do_at_the_moment_is_asked_again(server: ScriptedServer) -> None:
    server.answers = [(503, SOON, b"{}"), (503, SOON, b"{}"), (202, {}, taken())]
    assert run(server, "note", ONE, "Seen.").exit_code == 0
    assert len(server.bodies) == 3


def test_without_a_key_nothing_is_asked(server: ScriptedServer, tmp_path: Path) -> None:
    for arguments in (("list",), ("ack", ONE)):
        refused = run(server, *arguments, CHASQUI_SOURCE_KEY=None, CHASQUI_SOURCE_KEY_FILE=None)
        assert refused.exit_code == 1
        assert "A source key is needed" in refused.output
        assert server.bodies == []
    (tmp_path / "key").write_text("oncall.11\n")
    server.answers = [(200, {}, page())]
    assert "0 alerts" in text(run(server, "list", "--key-file", str(tmp_path / "key")))


def test_no_service_is_one_sentence() -> None:
    answer = CliRunner().invoke(alerts, ["list", "--url", "http://127.0.0.1:1"], env=KEY)
    assert answer.output == (
        "Error: The alerts service at http://127.0.0.1:1 does not answer (ConnectError).\n"
    )
