"""Alerts as a process on a real Kafka: nothing is forgotten, whenever it is killed."""

import collections
from pathlib import Path

import msgspec

from schemas.alerts import Alert, AuditEntry
from schemas.topics import ALERTS, AUDIT, RECEIPTS
from services.cli.broker import EmbeddedBroker
from tests.integration.alerts.receiver import HANG, Receiver
from tests.integration.alerts.site import Site, eventually
from tests.unit.alerts.desk import delay


def site(broker: EmbeddedBroker, folder: Path, receiver: Receiver, secret_file: Path) -> Site:
    file = folder / "alerts.toml"
    file.write_text("[storm]\n")  # all are told one by one
    env = {
        "CHASQUI_ALERTS_FILE": str(file),
        "CHASQUI_ALERTS_SINKS": "log,webhook",
        "CHASQUI_ALERTS_WEBHOOK_URL": f"{receiver.url}/hook",
        "CHASQUI_ALERTS_WEBHOOK_SECRET_FILE": str(secret_file),
    }
    return Site(broker.bootstrap, folder, env)


def ids(receiver: Receiver, what: str = "alert.opened") -> collections.Counter[str]:
    """How often each message came."""
    told = [r for r in receiver.requests if msgspec.json.decode(r.body)["type"] == what]
    return collections.Counter(request.headers["webhook-id"] for request in told)


def test_an_alert_opens_changes_and_resolves_at_its_sinks(
    fresh_broker, tmp_path, receiver, secret_file
):
    alerts = site(fresh_broker, tmp_path, receiver, secret_file)
    with alerts.running() as process:
        assert alerts.get("/healthz").status_code == 200
        alerts.tell(delay(), delay("silent", seq=2, milestone=None))
        eventually(lambda: "[opened | warning | delivery_overdue" in alerts.out(), "a line")
        alerts.tell(delay(does="changed", seq=3, severity="critical"))
        eventually(lambda: "[changed | critical | delivery_overdue" in alerts.out(), "a change")
        alerts.tell(delay(does="cleared", seq=4, severity="critical"))
        eventually(lambda: "[opened | warning | silent" in alerts.out(), "the inhibited speaks")
        eventually(lambda: len(alerts.read(RECEIPTS.full_name)) == 8, "a receipt for each call")
        eventually(
            lambda: 'notifications_total{outcome="ok",sink="webhook"} 4.0' in alerts.metrics(),
            "counts",
        )
        assert 'alert_delay_seconds_count{sink="log"} 2.0' in alerts.metrics()
    assert process.returncode == 0
    assert "[resolved: happened | critical | delivery_overdue" in alerts.out()
    types = [msgspec.json.decode(r.body)["type"] for r in receiver.requests]
    assert types == ["alert.opened", "alert.changed", "alert.resolved", "alert.opened"]
    standing = {a["delay_id"]: a for a in alerts.read(ALERTS.full_name)}
    assert sorted((a["delay"], a["status"]) for a in standing.values()) == [
        ("delivery_overdue", "resolved"),
        ("silent", "open"),
    ]
    for each in alerts.read(ALERTS.full_name):
        Alert.model_validate_json(msgspec.json.encode(each))
    audit = [
        AuditEntry.model_validate_json(msgspec.json.encode(e)) for e in alerts.read(AUDIT.full_name)
    ]
    assert sum(entry.action == "sent" for entry in audit) == 8


def test_killed_between_state_and_answer_the_call_is_repeated_with_the_same_id(
    fresh_broker, tmp_path, receiver, secret_file
):
    alerts = site(fresh_broker, tmp_path, receiver, secret_file)
    receiver.behaviours = [HANG]
    with alerts.running() as process:
        alerts.tell(delay())
        eventually(lambda: receiver.requests, "the call is under way")
        process.kill()
        process.wait()
    with alerts.running():
        eventually(lambda: len(receiver.requests) > 1, "the call is repeated")
        eventually(lambda: _sent(alerts, "webhook"), "its receipt is written down")
    assert list(ids(receiver).values()) == [2]


def test_killed_again_and_again_every_alert_is_told_and_hardly_any_twice(
    fresh_broker, tmp_path, receiver, secret_file
):
    alerts = site(fresh_broker, tmp_path, receiver, secret_file)
    rounds, each = 3, 20
    for number in range(rounds):
        with alerts.running() as process:
            batch = [delay(subject_id=f"EC-{number}-{n}") for n in range(each)]
            alerts.tell(*batch)
            wanted = number * each + (number + 1) * each // (rounds + 1)
            eventually(lambda wanted=wanted: len(ids(receiver)) > wanted, "some are told")
            process.kill()
            process.wait()
    with alerts.running():
        eventually(lambda: len(ids(receiver)) == rounds * each, "all are told")
        eventually(lambda: len(_sent(alerts, "webhook")) == rounds * each, "all are settled")
        eventually(
            lambda: 'outbox_records{sink="webhook"} 0.0' in alerts.metrics(), "nothing is owed", 60
        )
    assert max(ids(receiver).values()) <= 1 + rounds  # once more for each kill at most


def _sent(alerts: Site, sink: str) -> list[dict[str, object]]:
    audit = alerts.read(AUDIT.full_name)
    return [e for e in audit if e["action"] == "sent" and e["by"] == sink]
