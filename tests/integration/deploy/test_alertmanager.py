"""The shipped Alertmanager configuration: who is told of what, and how it is put together."""

import shutil
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from services.alerts.core.delay import FOR_STEWARDS
from services.alerts.core.standing import Standing, of_book, watchdog
from services.alerts.settings import AlertsSettings
from services.alerts.sinks import LEVEL_SINKS
from services.runtime.clock import Clock
from tests.integration.alerts.alertmanager import Alertmanager, alertmanager
from tests.integration.alerts.receiver import Receiver
from tests.integration.alerts.site import eventually
from tests.unit.alerts.desk import Desk, delay

CONFIG = Path("deploy/alertmanager/alertmanager.yml")
SUBJECT = {"kind": "shipment", "subject": "EC-AMB-0017", "agency": "US-DHS-HSI", "country": "EC"}
LATE = {"alertname": "DeliveryOverdue", "delay": "delivery_overdue", "milestone": "handed_over"}
TOLD_TO = {
    "a critical delay": (SUBJECT | LATE | {"severity": "critical"}, "on-call-page"),
    "a warning": (SUBJECT | LATE | {"severity": "warning"}, "duty-desk"),
    "what is good to know": (SUBJECT | LATE | {"severity": "info"}, "duty-desk"),
    "a silent publisher": (
        {"alertname": "PublisherSilent", "delay": "publisher_silent", "severity": "critical"}
        | {"kind": "publisher", "subject": "US-FBI"},
        "on-call-page",
    ),
    "a backlog": ({"alertname": "BacklogDigest", "severity": "info", "country": "EC"}, "duty-desk"),
    "a storm": (
        {"alertname": "StormDigest", "severity": "critical", "country": "EC"},
        "on-call-page",
    ),
    "what nobody took": (
        SUBJECT | LATE | {"severity": "critical", "escalation": "1"},
        "second-line-page",
    ),
    "the watchdog": (watchdog(Desk().at).labels, "dead-man"),
    "Prometheus's own": (
        {"alertname": "ChasquiPrometheusWatchdog", "severity": "none"},
        "dead-man",
    ),
    "a dead process": ({"alertname": "ChasquiDown", "severity": "critical"}, "engineers-page"),
    "a slow process": ({"alertname": "ChasquiLag", "severity": "warning"}, "engineers"),
}


def amtool(*arguments: str) -> str:
    program = shutil.which("amtool")
    assert program, "amtool is not installed: it comes with prometheus-alertmanager"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(labels: dict[str, str]) -> str:
    """The receivers of an alert with these labels, as amtool says."""
    pairs = (f"{name}={value}" for name, value in labels.items())
    return amtool("config", "routes", "test", f"--config.file={CONFIG}", *pairs).strip()


def test_the_configuration_is_one() -> None:
    assert "SUCCESS" in amtool("check-config", str(CONFIG))


@pytest.mark.parametrize("what", TOLD_TO)
def test_each_is_told_to_its_people(what: str) -> None:
    labels, receiver = TOLD_TO[what]
    assert told(labels) == receiver


@pytest.mark.parametrize("severity", ["critical", "warning"])
@pytest.mark.parametrize("delay_name", sorted(FOR_STEWARDS))
def test_what_mends_the_data_wakes_nobody(delay_name: str, severity: str) -> None:
    assert told(SUBJECT | {"delay": delay_name, "severity": severity}) == "data-stewards"


def test_each_rule_of_prometheus_is_for_engineers_or_the_dead_man() -> None:
    for path in sorted(Path("deploy/prometheus/rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in (rule for rule in group["rules"] if "alert" in rule):
                receiver = told({"alertname": rule["alert"], **rule["labels"]})
                dead_man = rule["alert"].endswith("Watchdog")
                page = "-page" if rule["labels"]["severity"] == "critical" else ""
                assert receiver == ("dead-man" if dead_man else f"engineers{page}")


def test_no_secret_stands_in_it() -> None:
    text = CONFIG.read_text()
    config = yaml.safe_load(text)
    for receiver in config["receivers"]:
        for each in receiver.get("pagerduty_configs", ()):
            assert each["routing_key_file"].startswith("secrets/")
        for each in receiver.get("webhook_configs", ()):
            assert ".example/" in each["url"]
    assert "slack_api_url:" not in text
    assert config["global"]["slack_api_url_file"].startswith("secrets/")


def swapped(people: Receiver) -> str:
    """The very configuration, but each receiver is a path of ours, and nobody waits for minutes."""
    config = yaml.safe_load(CONFIG.read_text())
    del config["global"]["slack_api_url_file"]
    config["receivers"] = [
        {"name": each["name"], "webhook_configs": [{"url": f"{people.url}/{each['name']}"}]}
        for each in config["receivers"]
    ]
    _hurry(config["route"])
    return yaml.safe_dump(config)


def _hurry(route: dict[str, Any]) -> None:
    route.update(group_wait="1s", group_interval="1s")
    for each in route.get("routes", ()):
        _hurry(each)


def standings(clock: Clock, *delays: dict[str, object]) -> list[Standing]:
    """What alerts shows of them, each told of by itself."""
    shown = []
    for each in delays:
        desk = Desk()
        desk.at = clock.wall() - timedelta(minutes=1)
        desk.hear(each)
        desk.wait()
        shown += of_book(desk.book(f"{each['kind']}/{each['subject_id']}"), desk.at, desk.policy)
    return shown


def messages(people: Receiver, receiver: str) -> list[list[tuple[str, str, str]]]:
    """What a receiver was told: of each message subject, alertname and severity of its alerts."""
    bodies = [msgspec.json.decode(r.body) for r in people.requests if r.path == f"/{receiver}"]
    return [sorted(_brief(alert["labels"]) for alert in body["alerts"]) for body in bodies]


def _brief(labels: dict[str, str]) -> tuple[str, str, str]:
    return labels.get("subject", ""), labels["alertname"], labels["severity"]


async def show(peer: Alertmanager, settings: AlertsSettings, clock: Clock, *delays: Any) -> None:
    here = settings.model_copy(update={"alerts_alertmanager_urls": (peer.url,)})
    sink = LEVEL_SINKS["alertmanager"](here, clock)
    answers = await sink.show([*standings(clock, *delays), watchdog(clock.wall())])
    await sink.close()
    assert {answer.outcome for answer in answers} == {"ok"}


async def test_a_subject_is_one_page_and_the_graver_word_stands_for_the_lesser(
    tmp_path: Path, receiver: Receiver, settings: AlertsSettings, clock: Clock
) -> None:
    peer = alertmanager(tmp_path, receiver, swapped(receiver))
    critical = {"severity": "critical"}
    with peer.running():
        await show(
            peer,
            settings,
            clock,
            delay(**critical),
            delay(),  # the same a moment ago, which Alertmanager still believes
            delay("held", hold_id="H1", milestone=None, **critical),
            delay("silent", milestone=None),
            delay(subject_id="EC-VEST-0101", **critical),
            delay("conflict", subject_id="EC-VEST-0102", milestone=None),
        )
        for name in ("on-call-page", "duty-desk", "data-stewards", "dead-man"):
            eventually(lambda name=name: messages(receiver, name), f"{name} is told")
        eventually(lambda: len(messages(receiver, "on-call-page")) == 2, "a page a subject")
    ambulance, vest = sorted(messages(receiver, "on-call-page"))
    assert [name for _, name, _ in ambulance] == ["DeliveryOverdue", "Held"]
    assert {subject for subject, _, _ in ambulance} == {"EC-AMB-0017"}
    assert vest == [("EC-VEST-0101", "DeliveryOverdue", "critical")]
    desk = Counter(each for message in messages(receiver, "duty-desk") for each in message)
    assert set(desk) == {("EC-AMB-0017", "Silent", "warning")}
    assert messages(receiver, "data-stewards")[0] == [("EC-VEST-0102", "Conflict", "warning")]
