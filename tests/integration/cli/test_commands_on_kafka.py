"""The commands against a real Kafka and a real ingest edge."""

from pathlib import Path
from time import sleep

import orjson
from kafka.consumer.fetcher import ConsumerRecord

from schemas.topics import DELAYS, EVENTS, FIELD_REPORTS
from services.cli.accept import accept
from services.cli.adopt import adopt
from services.cli.export import export
from services.cli.kafka_clients import reading
from services.cli.log_reader import lag, partitions_of, records_to_end
from services.cli.prefer import prefer
from services.cli.publish import publish
from services.cli.quarantine import quarantine
from services.cli.rebaseline import rebaseline
from services.cli.reopen import reopen
from services.cli.replay import replay
from services.cli.rules import rules
from services.cli.show import show
from services.cli.watch import watch
from tests.integration.cli.conftest import PARTITIONS, Site

UNTIL = "2024-06-01T00:00:00Z"
CSV = """note,due,done,written,quantity
N-1,2024-02-01,2024-02-10,2024-02-12,5
N-2,2024-02-03,2024-02-03,2024-02-09,7
N-3,2024-02-05,,,9
"""
MAPPING = """
group_by = "note"
bare_date = { time = 00:00:00, offset = "Z" }
[common]
kind = { constant = "shipment" }
subject_id = { column = "note" }
publisher = { constant = "US-FBI" }
[[events]]
[events.fields]
type = { constant = "registered" }
classifier = { constant = "actual" }
occurred_at = { constant = "2024-01-01T00:00:00Z" }
recorded_at = { constant = "2024-01-01T00:00:00Z" }
received_at = { constant = "2024-01-01T00:00:00Z" }
[events.lines]
line = { row = true }
item = { constant = "vest" }
quantity = { column = "quantity", as = "number" }
unit = { constant = "H87" }
[[events]]
[events.fields]
type = { constant = "handed_over" }
classifier = { constant = "planned" }
event_id = { columns = ["note"], prefix = "plan-" }
occurred_at = { column = "due", as = "time" }
recorded_at = { constant = "2024-01-01T00:00:00Z" }
received_at = { constant = "2024-01-01T00:00:00Z" }
[[events]]
only_with = ["done"]
[events.fields]
type = { constant = "handed_over" }
classifier = { constant = "actual" }
event_id = { columns = ["note"], prefix = "done-" }
occurred_at = { column = "done", as = "time" }
recorded_at = { column = "written", as = "time" }
received_at = { column = "written", as = "time" }
closed = { constant = true }
[events.lines]
line = { row = true }
accepted = { column = "quantity", as = "number" }
"""


def records(site: Site, topic: str) -> list[ConsumerRecord]:
    with reading(site.bootstrap) as consumer:
        return list(records_to_end(consumer, partitions_of(consumer, topic)))


def source(tmp_path: Path) -> tuple[object, ...]:
    (tmp_path / "rows.csv").write_text(CSV, "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    return (tmp_path / "rows.csv", "--mapping", tmp_path / "mapping.toml", "--until", UNTIL)


def told(lines: str) -> set[str]:
    return set(lines.splitlines())


def test_a_file_is_published_exported_and_replayed_to_the_same_delays(
    site: Site, tmp_path: Path
) -> None:
    sent = site.run(publish, *source(tmp_path))
    assert sent.exit_code == 0, sent.output
    assert "8 events sent, 0 of them refused" in sent.stderr
    told_to_all = [record for record in records(site, EVENTS.full_name) if record.key is None]
    ticks = [each for each in told_to_all if orjson.loads(each.value)["type"] == "tick"]
    assert sorted(tick.partition for tick in ticks) == list(range(PARTITIONS))

    journal = tmp_path / "journal.ndjson"
    assert site.run(export, "--output", journal).exit_code == 0
    from_file = site.run(replay, *source(tmp_path), "--json")
    from_journal = site.run(replay, journal, "--json")
    assert told(from_file.stdout) == told(from_journal.stdout)
    assert len(told(from_file.stdout)) > 6

    again = site.run(publish, *source(tmp_path))
    assert again.exit_code == 0
    assert site.run(export, "--output", journal).exit_code == 0
    assert told(site.run(replay, journal, "--json").stdout) == told(from_file.stdout)


def test_what_the_tracker_tells_is_what_a_replay_tells(site: Site, tmp_path: Path) -> None:
    site.run(publish, *source(tmp_path))
    while lag(site.bootstrap, "chasqui.tracker", EVENTS.full_name):
        sleep(0.2)
    live = {record.value.decode() for record in records(site, DELAYS.full_name)}
    assert live == told(site.run(replay, *source(tmp_path), "--json").stdout)

    shown = site.run(watch, "--once").stdout
    assert "shipment/N-3" in shown.split("delivery_overdue", 1)[1]
    assert "shipment/N-1" not in shown.split("unverified_delivery", 1)[0]

    known = " ".join(site.run(show, "shipment/N-3").stdout.split())
    assert "shipment/N-3: planned" in known
    assert "delivery_overdue" in known
    assert "handed_over │ planned" in known
    states = site.run(replay, *source(tmp_path), "--state").stdout.splitlines()
    assert site.run(show, "shipment/N-3", "--json").stdout.strip() == states[-1]
    assert site.run(show, "shipment/N-0").exit_code == 1


STRICT = """
version = "strict"
[default]
grace = "PT1H"
[item.vest]
grace = "P400D"
"""


def test_applied_rules_count_at_once_and_replay(site: Site, tmp_path: Path) -> None:
    site.run(publish, *source(tmp_path))
    path, journal = tmp_path / "rules.toml", tmp_path / "journal.ndjson"
    path.write_text(STRICT.replace("PT1H", "1 hour"), "utf-8")
    refused = site.run(rules, "apply", path)
    assert refused.exit_code == 1
    assert "default.grace" in refused.stderr

    path.write_text(STRICT, "utf-8")
    assert site.run(rules, "check", path).exit_code == 0
    assert site.run(rules, "apply", path, "--at", UNTIL).exit_code == 0
    while lag(site.bootstrap, "chasqui.tracker", EVENTS.full_name):
        sleep(0.2)
    assert site.run(rules, "show").stdout.strip() == STRICT.strip()
    live = [record.value.decode() for record in records(site, DELAYS.full_name)]
    ended = [d for d in map(orjson.loads, live) if d["evidence"]["rules_version"] == "strict"]
    assert [(d["subject_id"], d["because"]) for d in ended] == [("N-3", "superseded")]

    assert site.run(export, "--output", journal).exit_code == 0
    again = site.run(replay, journal, "--json")
    assert again.exit_code == 0, again.stderr
    assert told(again.stdout) == set(live)
    path.write_text('version = "1"', "utf-8")
    assert site.run(rules, "apply", path, "--at", UNTIL).exit_code == 0


def test_what_was_refused_is_listed_shown_mended_and_sent_again(site: Site, tmp_path: Path) -> None:
    wrong = {
        "event_id": "poison", "publisher": "US-FBI", "kind": "shipment", "subject_id": "Q-1",
        "type": "ready", "classifier": "actual", "occurred_at": "2024-01-05T00:00:00",
        "recorded_at": "2024-01-05T00:00:00Z",
        "received_at": "2024-01-06T00:00:00Z",
    }  # fmt: skip
    path = tmp_path / "poison.ndjson"
    path.write_bytes(orjson.dumps(wrong))
    assert site.run(publish, path).exit_code == 1

    listed = site.run(quarantine, "list", "--reason", "naive_time", "--json").stdout.splitlines()
    found = orjson.loads(listed[-1])
    assert (found["publisher"], found["field"], found["row"]) == ("US-FBI", "occurred_at", "1")
    assert "naive_time" in site.run(quarantine, "list").stdout
    shown = site.run(quarantine, "show", found["place"])
    assert orjson.loads(shown.stdout) == wrong
    assert "reason: naive_time" in shown.stderr

    unmended = site.run(quarantine, "replay", found["place"])
    assert unmended.exit_code == 1
    assert "1 of 1 were refused again" in unmended.stderr
    mend = 'sed -i \'s/05T00:00:00","rec/05T00:00:00Z","rec/\''
    mended = site.run(quarantine, "replay", found["place"], "--edit", EDITOR=mend, VISUAL=mend)
    assert mended.exit_code == 0, mended.output
    admitted = [
        record for record in records(site, EVENTS.full_name) if record.key == b"shipment/Q-1"
    ]
    assert [orjson.loads(record.value)["ingested_at"] for record in admitted] == [
        "2024-01-06T00:00:00Z"
    ]


def test_a_place_without_a_record_is_told(site: Site) -> None:
    result = site.run(quarantine, "show", "0/999999")
    assert result.exit_code == 1
    assert "There is no record 0/999999" in result.stderr


def test_operators_words_go_through_the_edge(site: Site) -> None:
    accepted = site.run(
        accept, "shipment/N-9", "damage_loss", "--note", "agreed", "--at", "2024-03-01T00:00:00Z"
    )
    assert accepted.exit_code == 0, accepted.output
    moved = site.run(
        rebaseline, "shipment/N-9", "handed_over", "2024-04-01T00:00:00Z", "--note", "agreed",
        "--said-at", "2024-03-02T00:00:00Z",
    )  # fmt: skip
    assert moved.exit_code == 0, moved.output
    assert said_of(site, b"shipment/N-9") == [
        ("discrepancy_accepted", "US-OPS"),
        ("rebaselined", "US-OPS"),
    ]


def said_of(site: Site, key: bytes) -> list[tuple[str, str]]:
    events = [
        orjson.loads(each.value) for each in records(site, EVENTS.full_name) if each.key == key
    ]
    return [(event["type"], event["publisher"]) for event in events]


def test_doubts_are_resolved_from_what_is_shown(site: Site, tmp_path: Path) -> None:
    told = {
        "event_id": "h", "publisher": "US-FBI", "kind": "shipment", "subject_id": "N-8",
        "type": "handed_over", "classifier": "actual", "occurred_at": "2024-02-01T00:00:00Z",
        "recorded_at": "2024-02-01T00:00:00Z", "received_at": "2024-02-01T00:00:00Z",
        "lines": [{"line": 1, "accepted": 4}],
    }  # fmt: skip
    others = ({"lines": [{"line": 1, "accepted": 3}]}, {"publisher": "EC-PN", "event_id": "p"})
    path = tmp_path / "told.ndjson"
    path.write_bytes(b"\n".join(orjson.dumps({**told, **more}) for more in ({}, *others)))
    assert site.run(publish, path, "--until", UNTIL).exit_code == 0
    note = ("--note", "asked the port", "--said-at", "2024-02-02T00:00:00Z")
    doubts = "conflict, possible_duplicate, unknown_line, unregistered"
    assert f"doubts: {doubts}" in shown(site, "shipment/N-8")

    contents = shown(site, "shipment/N-8").split("Contents in conflict", 1)[1]
    (content,) = [line for line in contents.splitlines() if "accepted 3" in line]
    head = content.split("│")[3].strip()
    for command, *words in (
        (prefer, "US-FBI", "--type", "handed_over"),
        (prefer, "US-FBI", "--event-id", "h", "--content", head),
        (adopt, "US-FBI", "--line", "ambulance=4", "--country", "EC", "--commitment", "C-1"),
    ):
        said = site.run(command, "shipment/N-8", *words, *note)
        assert said.exit_code == 0, said.output
    cancelled = {**told, "event_id": "c", "type": "cancelled", "lines": None}
    path.write_bytes(orjson.dumps(cancelled))
    assert site.run(publish, path, "--until", UNTIL).exit_code == 0
    reopened = site.run(reopen, "shipment/N-8", *note[:2], "--at", "2024-02-03T00:00:00Z")
    assert reopened.exit_code == 0, reopened.output
    assert [word for word, who in said_of(site, b"shipment/N-8") if who == "US-OPS"] == [
        *("preferred", "preferred", "adopted", "reopened"),
    ]
    known = shown(site, "shipment/N-8")
    assert "shipment/N-8: partially_delivered" in known
    assert "doubts" not in known
    (line,) = orjson.loads(site.run(show, "shipment/N-8", "--json").stdout)["lines"]
    assert (line["accepted"], line["outstanding"]) == (3, 1)


def shown(site: Site, subject: str) -> str:
    """What `chasqui show` prints once the tracker has read all."""
    while lag(site.bootstrap, "chasqui.tracker", EVENTS.full_name):
        sleep(0.2)
    result = site.run(show, subject)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def test_publishing_to_kafka_is_admitted_before_time_ends(site: Site, tmp_path: Path) -> None:
    before = len(records(site, EVENTS.full_name))
    sent = site.run(publish, *source(tmp_path), "--kafka")
    assert sent.exit_code == 0, sent.output
    reports = records(site, FIELD_REPORTS.full_name)
    assert {each.key for each in reports} == {b"shipment/N-1", b"shipment/N-2", b"shipment/N-3"}
    assert len(reports) == 8
    journal = records(site, EVENTS.full_name)
    assert len(journal) == before + 8 + PARTITIONS
    for partition in range(PARTITIONS):
        assert [each.key for each in journal if each.partition == partition][-1] is None
