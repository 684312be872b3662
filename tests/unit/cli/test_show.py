"""`chasqui show` asks the tracker and prints what it knows."""

from pathlib import Path

import orjson
from click.testing import CliRunner, Result

from services.cli.replay import Replay
from services.cli.show import show
from services.cli.taking import Order, Taking
from tests.unit.cli.scripted import ScriptedServer
from tests.unit.cli.test_commands import PLANNED, REGISTERED, file

HELD = {
    **REGISTERED, "event_id": "x", "type": "held", "hold_id": "H1", "reason": "customs",
    "occurred_at": "2024-01-10T00:00:00Z", "recorded_at": "2024-03-01T00:00:00Z",
}  # fmt: skip


def movement(tmp_path: Path) -> bytes:
    run = Replay(Taking(file(tmp_path, REGISTERED, PLANNED, HELD), None, Order.RECEIVED, None))
    run.finish()
    return next(run.states())


def ask(server: ScriptedServer, *arguments: str) -> Result:
    command = [*arguments, "--url", server.url]
    return CliRunner().invoke(show, command, env={"COLUMNS": "250"}, catch_exceptions=False)


def test_state_timeline_ledger_holds_and_open_delays(
    server: ScriptedServer, tmp_path: Path
) -> None:
    said = orjson.dumps({"events": [{"type": "held", "reason": "customs", "event_id": "x"}]})
    server.answers = [(200, {}, movement(tmp_path)), (200, {}, said)]
    shown = ask(server, "shipment/S 1")
    assert shown.exit_code == 0
    path = b"/v1/movements/shipment/S%201"
    assert server.bodies == [path, path + b"/events"]
    text = " ".join(shown.stdout.split())
    for words in (
        "shipment/S-1: planned",
        "owner US-FBI",
        "vest │ H87 │ 20",
        "H1 │ customs",
        "delivery_overdue",
    ):
        assert words in text


def test_json_is_the_trackers_own_record(server: ScriptedServer, tmp_path: Path) -> None:
    record = movement(tmp_path)
    server.answers = [(200, {}, record)]
    assert ask(server, "shipment/S-1", "--json").stdout.strip() == record.decode()


def test_what_the_tracker_cannot_tell_is_a_sentence(server: ScriptedServer) -> None:
    problem = orjson.dumps({"detail": "recovering"})
    server.answers = [(404, {}, b"{}"), (503, {}, problem)]
    unknown, busy = ask(server, "shipment/S-9"), ask(server, "shipment/S-9")
    assert (unknown.exit_code, busy.exit_code) == (1, 1)
    assert "knows no shipment/S-9" in unknown.stderr
    assert "503 recovering" in busy.stderr
