"""`chasqui show` asks the tracker and prints what it knows."""

from pathlib import Path

import orjson
from click.testing import CliRunner, Result

from services.cli.replay import Replay
from services.cli.show import show
from services.cli.taking import Order, Taking
from tests.unit.cli.scripted import ScriptedServer
from tests.unit.cli.test_commands import HANDED_OVER, PLANNED, REGISTERED, file

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


def journal(tmp_path: Path) -> Path:
    """Planned for day 1 of February, moved twice, and told late that it was handed over."""
    moved = {**PLANNED, "occurred_at": "2024-02-10T00:00:00Z", "reason": "customs"}
    moved["revised_at"] = "2024-01-20T00:00:00Z"
    again = {**moved, "occurred_at": "2024-02-09T12:00:00Z", "revised_at": "2024-03-15T00:00:00Z"}
    handed = {**HANDED_OVER, "recorded_at": "2024-03-10T00:00:00Z"}
    return file(tmp_path, REGISTERED, PLANNED, moved, again, handed)


def past(tmp_path: Path, *arguments: str) -> dict[str, object]:
    command = ["shipment/S-1", "--json", "--journal", str(journal(tmp_path)), *arguments]
    shown = CliRunner().invoke(show, command, catch_exceptions=False)
    assert shown.exit_code == 0, shown.output
    record: dict[str, object] = orjson.loads(shown.stdout)
    return record


def late(record: dict[str, object]) -> list[str]:
    delays = record["delays"]
    assert isinstance(delays, list)
    return [delay["delay"] for delay in delays]


def test_what_was_known_then_is_not_what_had_happened(tmp_path: Path) -> None:
    then = "2024-03-01T00:00:00Z"
    known, had_happened = past(tmp_path, "--known-at", then), past(tmp_path, "--at", then)
    assert (known["state"], late(known)) == ("planned", ["delivery_overdue"])
    assert (had_happened["state"], late(had_happened)) == ("delivered", [])
    both = past(tmp_path, "--at", then, "--known-at", "2024-03-05T00:00:00Z")
    assert (both["state"], late(both)) == ("planned", ["delivery_overdue"])
    assert "delay_id" in str(known["delays"])
    assert "delay_id" not in str(both["delays"])


def test_without_a_moment_the_journal_gives_the_present(tmp_path: Path) -> None:
    run = Replay(Taking(journal(tmp_path), None, Order.RECEIVED, None))
    run.finish()
    shown = past(tmp_path, "--slips")
    del shown["slips"]
    assert shown == orjson.loads(next(run.states()))


def test_the_slip_ledger_says_who_moved_what_when_and_why(tmp_path: Path) -> None:
    slips = past(tmp_path, "--slips")["slips"]
    assert isinstance(slips, list)
    assert [(slip["moved"], slip["total"]) for slip in slips] == [("P9D", "P9D"), (
        "-PT43200S", "P8DT43200S"
    )]  # fmt: skip
    assert slips[0] == {
        "milestone": "handed_over", "leg": None, "moves": "planned",
        "from_at": "2024-02-01T00:00:00Z", "to_at": "2024-02-10T00:00:00Z",
        "moved": "P9D", "total": "P9D", "publisher": "US-FBI", "event_id": "p",
        "revised_at": "2024-01-20T00:00:00Z", "known_at": "2024-01-20T00:00:00Z",
        "why": "customs", "retracted": False,
    }  # fmt: skip
    at = past(tmp_path, "--at", "2024-02-01T00:00:00Z")["slips"]
    assert at == slips[:1]


def test_slips_are_shown_as_a_table(tmp_path: Path) -> None:
    command = ["shipment/S-1", "--slips", "--journal", str(journal(tmp_path))]
    shown = CliRunner().invoke(show, command, env={"COLUMNS": "250"}, catch_exceptions=False)
    text = " ".join(shown.stdout.split())
    assert "shipment/S-1: delivered" in text
    assert "+9 d │ +9 d │ US-FBI/p" in text
    assert "-12 h │ +8 d 12 h │ US-FBI/p" in text
    assert "customs" in text


def test_a_subject_of_which_nothing_was_known_then_is_a_sentence(tmp_path: Path) -> None:
    command = ["shipment/S-1", "--journal", str(journal(tmp_path))]
    for option, says in (("--known-at", "that was known at"), ("--at", "said or done by")):
        shown = CliRunner().invoke(show, [*command, option, "2023-01-01T00:00:00Z"])
        assert shown.exit_code == 1
        assert f"{says} 2023-01-01T00:00:00Z." in shown.stderr
