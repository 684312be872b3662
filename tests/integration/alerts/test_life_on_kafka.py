"""The life of an alert on a real Kafka: taken by a record, pressed after a kill, many as one."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec
from kafka import KafkaProducer

from schemas.alerts import Alert, AuditEntry, escalation_id
from schemas.topics import ALERTS, AUDIT, COMMANDS, QUARANTINE
from services.cli.broker import EmbeddedBroker
from tests.integration.alerts.site import Site, eventually
from tests.unit.alerts.desk import delay

NUMBER = str(delay()["delay_id"])
PATIENT_SECONDS = 90.0


def site(broker: EmbeddedBroker, folder: Path, file: str, **env: str) -> Site:
    path = folder / "alerts.toml"
    path.write_text(file)
    return Site(broker.bootstrap, folder, {"CHASQUI_ALERTS_FILE": str(path), **env})


def command(alerts: Site, said: Mapping[str, object]) -> None:
    producer = KafkaProducer(bootstrap_servers=alerts.bootstrap)
    producer.send(COMMANDS.full_name, msgspec.json.encode(said), b"shipment/EC-AMB-0017")
    producer.flush(30)
    producer.close()


def views(alerts: Site) -> dict[str, Alert]:
    records = [
        Alert.model_validate_json(msgspec.json.encode(r)) for r in alerts.read(ALERTS.full_name)
    ]
    return {view.alert_id: view for view in records}


def audit(alerts: Site) -> list[AuditEntry]:
    return [
        AuditEntry.model_validate_json(msgspec.json.encode(e)) for e in alerts.read(AUDIT.full_name)
    ]


def waits(metrics: str) -> float:
    """Seconds that the longest waits to be acknowledged."""
    name = "chasqui_alert_oldest_unacknowledged_seconds "
    (line,) = [line for line in metrics.splitlines() if line.startswith(name)]
    return float(line.removeprefix(name))


def test_a_record_on_commands_acknowledges_and_one_that_is_none_is_buried(fresh_broker, tmp_path):
    alerts = site(fresh_broker, tmp_path, "")
    with alerts.running():
        alerts.tell(delay())
        eventually(lambda: "[opened | warning" in alerts.out(), "it is told", PATIENT_SECONDS)
        said = {"command": "acknowledge", "delay_id": NUMBER, "by": "maria.oncall"}
        command(alerts, said | {"at": "2026-03-02T00:05:00Z", "until": "2099-03-02T08:00:00Z"})
        command(alerts, said | {"delay_id": "nothing", "at": "2026-03-02T00:05:00Z"})
        command(alerts, said)
        eventually(lambda: "[acknowledged | warning" in alerts.out(), "it is taken")
        eventually(lambda: alerts.read(QUARANTINE.full_name) == [said], "the broken one is buried")
    assert views(alerts)[NUMBER].status == "acknowledged"
    assert views(alerts)[NUMBER].acknowledged_by == "maria.oncall"
    by_maria = [(e.alert_id, e.action, e.reason) for e in audit(alerts) if e.by == "maria.oncall"]
    assert sorted(by_maria) == sorted(
        [(NUMBER, "acknowledged", None), ("nothing", "ignored", "no_such_alert")]
    )


def test_an_escalation_survives_a_kill_and_is_told_once(fresh_broker, tmp_path):
    step = '[[escalation]]\nseverity = "warning"\nafter = "PT8S"\n'
    alerts = site(fresh_broker, tmp_path, step)
    with alerts.running() as process:
        alerts.tell(delay())
        eventually(lambda: "[opened | warning" in alerts.out(), "it is told", PATIENT_SECONDS)
        eventually(lambda: any(e.action == "sent" for e in audit(alerts)), "it is settled")
        process.kill()
        process.wait()
    assert "[escalated" not in alerts.out()
    with alerts.running():
        eventually(lambda: "[escalated | warning" in alerts.out(), "it presses", PATIENT_SECONDS)
        assert 'chasqui_alerts_pressed_total{how="escalated"} 1.0' in alerts.metrics()
        eventually(lambda: waits(alerts.metrics()) >= 8, "the gauge tells how long it waits")
        alerts.tell(delay(does="cleared", seq=2))
        eventually(lambda: alerts.out().count("[resolved") == 2, "both end together")
    number = escalation_id(NUMBER, "warning", 1)
    told = views(alerts)
    assert [told[i].status for i in (NUMBER, number)] == ["resolved", "resolved"]
    assert (told[number].opened_at - told[NUMBER].opened_at).total_seconds() >= 8
    assert alerts.out().count("[escalated") == 1
    actions = Counter((e.alert_id, e.action) for e in audit(alerts))
    assert actions[NUMBER, "escalated"] == actions[number, "raised"] == 1


def test_a_storm_is_told_as_one_digest_and_every_alert_is_kept(fresh_broker, tmp_path):
    limits = "[storm]\nalerts_a_minute = 5\n"
    alerts = site(fresh_broker, tmp_path, limits, CHASQUI_ALERTS_DIGEST_AFTER="PT2S")
    with alerts.running():
        alerts.tell(*(delay(subject_id=f"EC-{number}") for number in range(60)))
        eventually(lambda: "Storm of alerts in EC: " in alerts.out(), "a digest", PATIENT_SECONDS)
    told = views(alerts)
    assert {view.status for view in told.values()} == {"open"}
    assert len(told) == 60
    held = sum(view.inhibited_by == "storm:EC" for view in told.values())
    assert held >= 30  # all but five, unless this machine was too slow to ask in time
    assert alerts.out().count("[opened | warning | delivery_overdue") <= 60 - held


def test_a_bad_file_ends_it_at_once_with_one_sentence(fresh_broker, tmp_path):
    alerts = site(fresh_broker, tmp_path, "[storm]\noften = 3\n")
    process = alerts._start()
    assert process.wait(60) == 1
    said = (tmp_path / "alerts.err").read_text().strip()
    assert said.endswith("alerts.toml: storm, often: no such field.")
    assert "\n" not in said
