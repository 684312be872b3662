"""Each command on a small file, as a person types it."""

from pathlib import Path

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from schemas.canonical import journal_value
from schemas.refusals import parse_event
from schemas.times import parse
from services.cli.accept import accept
from services.cli.adopt import adopt
from services.cli.export import export
from services.cli.prefer import prefer
from services.cli.publish import publish
from services.cli.quarantine import quarantine
from services.cli.rebaseline import rebaseline
from services.cli.reopen import reopen
from services.cli.replay import replay
from services.cli.show import show
from services.cli.source_file import Place, with_place
from services.cli.sources import sources
from services.cli.validate import validate
from services.cli.watch import watch

NOWHERE = "127.0.0.1:1"
LINE = {"line": 1, "item": "vest", "quantity": 20, "unit": "H87"}


def event(
    event_id: str, said: str, at: str, subject: str = "S-1", **more: object
) -> dict[str, object]:
    return {
        "event_id": event_id, "publisher": "US-FBI", "kind": "shipment", "subject_id": subject,
        "type": said, "classifier": "actual", "occurred_at": at, "recorded_at": at, **more,
    }  # fmt: skip


REGISTERED = event("r", "registered", "2024-01-01T00:00:00Z", lines=[LINE])
PLANNED = event(
    "p",
    "handed_over",
    "2024-02-01T00:00:00Z",
    classifier="planned",
    recorded_at="2024-01-01T00:00:00Z",
)
HANDED_OVER = event(
    "h", "handed_over", "2024-02-05T00:00:00Z", closed=True, lines=[{"line": 1, "accepted": 20}]
)
STORY = [REGISTERED, PLANNED, HANDED_OVER]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CLOCK", "SOURCE_KEY", "SOURCE_KEY_FILE", "KAFKA_BOOTSTRAP_SERVERS", "PUBLISHER"):
        monkeypatch.delenv(f"CHASQUI_{name}", raising=False)


def run(command: click.Command, *arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env=env)


def file(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "events.ndjson"
    path.write_bytes(
        b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows)
    )
    return path


def delays(result: Result) -> list[tuple[str, str, str | None]]:
    told = [orjson.loads(line) for line in result.stdout.splitlines()]
    return [(one["type"].removeprefix("delay_"), one["delay"], one.get("because")) for one in told]


OVERDUE = [("raised", "delivery_overdue", None), ("cleared", "delivery_overdue", "happened")]


def test_replay_tells_what_was_late(tmp_path: Path) -> None:
    result = run(replay, file(tmp_path, *STORY), "--json")
    assert result.exit_code == 0, result.output
    assert delays(result) == OVERDUE


def test_replay_takes_events_as_they_were_received(tmp_path: Path) -> None:
    late_paper = {
        **HANDED_OVER,
        "received_at": "2024-02-20T00:00:00Z",
        "occurred_at": "2024-02-01T00:00:00Z",
    }
    backfilled = [{**one, "received_at": one["recorded_at"]} for one in (REGISTERED, PLANNED)]
    result = run(replay, file(tmp_path, late_paper, *backfilled), "--json")
    assert delays(result) == [
        ("raised", "delivery_overdue", None),
        ("changed", "delivery_overdue", None),
        ("cleared", "delivery_overdue", "corrected"),
    ]


def test_replay_in_the_files_own_order(tmp_path: Path) -> None:
    rows = [
        {**one, "received_at": one["recorded_at"]} for one in (HANDED_OVER, REGISTERED, PLANNED)
    ]
    told = [
        orjson.loads(line)
        for line in run(
            replay, file(tmp_path, *rows), "--json", "--order", "file"
        ).stdout.splitlines()
    ]
    assert [
        (one["type"], one["historic"]) for one in told if one["delay"] == "delivery_overdue"
    ] == [
        ("delay_raised", True),
        ("delay_cleared", True),
    ]
    assert delays(run(replay, file(tmp_path, *rows), "--json")) == OVERDUE


def test_until_leaves_out_what_came_later_and_ends_time(tmp_path: Path) -> None:
    path = file(tmp_path, *STORY)
    assert delays(run(replay, path, "--json", "--until", "2024-02-01T23:59:59Z")) == []
    assert delays(run(replay, path, "--json", "--until", "2024-02-02T00:00:00Z")) == OVERDUE[:1]
    later = delays(run(replay, path, "--json", "--until", "2024-12-31T00:00:00Z"))
    assert later == [*OVERDUE, ("raised", "unverified_delivery", None)]


def test_replay_prints_the_final_states_sorted(tmp_path: Path) -> None:
    other = event("r", "registered", "2024-01-02T00:00:00Z", "S-0", lines=[LINE])
    result = run(replay, file(tmp_path, *STORY, other), "--state")
    states = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [(one["subject_id"], one["state"]) for one in states] == [
        ("S-0", "planned"),
        ("S-1", "delivered"),
    ]


def test_replay_of_an_export_keeps_a_clock_for_each_partition(tmp_path: Path) -> None:
    def journalled(subject: str, place: Place) -> bytes:
        admitted = parse_event(orjson.dumps({**PLANNED, "subject_id": subject}))
        return with_place(journal_value(admitted, parse("2024-01-01T00:00:00Z")), place)

    tick = {"type": "tick", "at": "2024-03-01T00:00:00Z", "partition": 1, "offset": 1}
    rows = [journalled("A", Place(0, 0)), journalled("B", Place(1, 0)), tick]
    told = [
        orjson.loads(line)
        for line in run(replay, file(tmp_path, *rows), "--json").stdout.splitlines()
    ]
    assert {one["subject_id"] for one in told} == {"B"}


def test_replay_as_a_table(tmp_path: Path) -> None:
    result = run(replay, file(tmp_path, *STORY), env={"COLUMNS": "200"})
    assert "delivery_overdue" in result.stdout
    assert "happened" in result.stdout


def test_a_file_may_say_when_its_events_were_ingested(tmp_path: Path) -> None:
    late = [{**row, "ingested_at": "2024-03-01T00:00:00Z"} for row in STORY[:2]]
    lines = run(replay, file(tmp_path, *late), "--json").stdout.splitlines()
    told = [orjson.loads(line) for line in lines]
    assert [one["raised_at"] for one in told if one["delay"] == "delivery_overdue"] == [
        "2024-03-01T00:00:00Z"
    ]


def test_an_export_written_by_hand_need_not_be_canonical(tmp_path: Path) -> None:
    place = {"ingested_at": "2024-01-01T00:00:00Z", "partition": 3}
    rows = [{**row, **place, "offset": number} for number, row in enumerate(STORY[:2])]
    tick = {"type": "tick", "at": "2024-02-02T00:00:00Z", "partition": 3, "offset": 2}
    assert delays(run(replay, file(tmp_path, *rows, tick), "--json")) == OVERDUE[:1]


def test_refused_rows_are_counted_and_the_rest_is_used(tmp_path: Path) -> None:
    result = run(replay, file(tmp_path, b"{", *STORY, {**REGISTERED, "type": "vanished"}), "--json")
    assert result.exit_code == 0
    assert delays(result) == OVERDUE
    assert "not_json: 1: row 1" in result.stderr
    assert "unknown_type: 1: row 5 (type)" in result.stderr


def test_a_file_of_which_nothing_can_be_used_is_an_error(tmp_path: Path) -> None:
    result = run(replay, file(tmp_path, b"{", b"["), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "None of the 2 rows can be used." in result.stderr
    assert run(replay, file(tmp_path)).exit_code == 0


def test_delays_and_states_at_once_is_a_wrong_usage(tmp_path: Path) -> None:
    assert run(replay, file(tmp_path), "--json", "--state").exit_code == 2


def test_validate_tells_every_refused_row(tmp_path: Path) -> None:
    naive = {**REGISTERED, "occurred_at": "2024-01-01T00:00:00"}
    result = run(validate, file(tmp_path, REGISTERED, naive, b"nonsense"), "--json")
    assert result.exit_code == 1
    told = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert [(one["row"], one["reason"], one["field"]) for one in told] == [
        (2, "naive_time", "occurred_at"),
        (3, "not_json", None),
    ]
    assert "1 events would be accepted, 2 refused" in result.stderr
    assert "naive_time" in run(validate, file(tmp_path, naive), env={"COLUMNS": "200"}).stdout
    assert run(validate, file(tmp_path, *STORY)).exit_code == 0


def test_an_export_is_neither_validated_nor_published(tmp_path: Path) -> None:
    path = file(
        tmp_path, {**REGISTERED, "ingested_at": "2024-01-01T00:00:00Z", "partition": 0, "offset": 0}
    )
    for command in (validate, publish):
        result = run(command, path)
        assert result.exit_code == 1
        assert "is an export of the journal" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "env", "sentence"),
    [
        ((), {}, "A source key is needed"),
        (("--key-file", "absent"), {}, "The key file absent cannot be read"),
        (("--until", "2024-03-01T00:00:00Z"), {}, "set CHASQUI_KAFKA_BOOTSTRAP_SERVERS"),
        ((), {"CHASQUI_CLOCK": "sundial"}, "CHASQUI_CLOCK is wrong"),
        (
            ("--pace",),
            {"CHASQUI_SOURCE_KEY": "k", "CHASQUI_CLOCK": "journal"},
            "needs a clock that moves",
        ),
        (
            ("--kafka",),
            {"CHASQUI_SOURCE_KEY": "k", "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": NOWHERE},
            "does not answer",
        ),
    ],
)
def test_publish_says_what_it_lacks(
    tmp_path: Path, arguments: tuple[str, ...], env: dict[str, str], sentence: str
) -> None:
    result = run(publish, file(tmp_path, *STORY), *arguments, env=env)
    assert result.exit_code == 1
    assert sentence in result.stderr


@pytest.mark.parametrize("command", [export, watch, quarantine])
def test_no_kafka_is_one_sentence(command: click.Command) -> None:
    arguments = ["list"] if command is quarantine else []
    result = run(command, *arguments, env={"CHASQUI_KAFKA_BOOTSTRAP_SERVERS": NOWHERE})
    assert result.exit_code == 1
    assert f"Kafka does not answer at {NOWHERE}" in result.stderr


def test_no_tracker_is_one_sentence() -> None:
    result = run(show, "shipment/S-1", "--url", f"http://{NOWHERE}")
    assert result.exit_code == 1
    assert "does not answer" in result.stderr


def test_operators_must_say_who_they_are() -> None:
    for command, words in (
        (accept, ["damage_loss"]),
        (rebaseline, ["handed_over", "2024-03-01T00:00:00Z"]),
        (prefer, ["US-FBI", "--type", "lost"]),
        (adopt, ["US-FBI", "--line", "vest=4"]),
        (reopen, []),
    ):
        result = run(command, "shipment/S-1", *words, "--note", "agreed")
        assert result.exit_code == 1
        assert "set CHASQUI_PUBLISHER" in result.stderr


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (show, ["S-1"]),
        (accept, ["shipment/S-1", "held", "--note", "n"]),
        (rebaseline, ["shipment/S-1", "handed_over", "2024-03-01", "--note", "n"]),
        (prefer, ["shipment/S-1", "US-FBI", "--note", "n"]),
        (prefer, ["shipment/S-1", "US-FBI", "--type", "ready", "--note", "n"]),
        (prefer, ["shipment/S-1", "US-FBI", "--event-id", "x", "--note", "n"]),
        (
            prefer,
            [
                *("shipment/S-1", "US-FBI", "--type", "lost", "--event-id", "x"),
                *("--content", "0f" * 32, "--note", "n"),
            ],
        ),
        (adopt, ["shipment/S-1", "US-FBI", "--line", "vests", "--note", "n"]),
        (adopt, ["shipment/S-1", "US-FBI"]),
        (reopen, ["shipment/S-1"]),
        (quarantine, ["show", "three"]),
        (quarantine, ["replay"]),
        (replay, ["absent.ndjson"]),
    ],
)
def test_a_wrong_usage_is_told(command: click.Command, arguments: list[str]) -> None:
    result = run(command, *arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_source_is_added_and_its_key_printed_once(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    added = run(
        sources, "add", "fbi", "--publisher", "US-FBI", "--scope", "backfill", "--file", path
    )
    assert added.exit_code == 0
    assert added.stdout.startswith("fbi.")
    secret = added.stdout.strip().partition(".")[2]
    assert secret not in path.read_text("utf-8")
    listed = run(sources, "list", "--file", path, env={"COLUMNS": "200"})
    assert "US-FBI" in listed.stdout
    assert "backfill" in listed.stdout
    again = run(sources, "add", "fbi", "--publisher", "US-FBI", "--file", path)
    assert again.exit_code == 1
    assert "exists already" in again.stderr
