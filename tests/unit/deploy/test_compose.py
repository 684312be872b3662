"""deploy/compose.yaml: it is of the Compose specification, and names what is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from services.alerts.settings import AlertsSettings
from services.cli.settings import CliSettings
from services.ingest.settings import HttpSettings, KafkaSettings
from services.tracker.settings import TrackerSettings

DEPLOY = Path("deploy")
SPECIFICATION = Path("tests/support/compose-spec.json")
"""As the Compose project publishes it (compose-go 2.16.2, Apache-2.0)."""
SETTINGS = {
    "topics": CliSettings,
    "tools": CliSettings,
    "ingest-http": HttpSettings,
    "ingest-kafka": KafkaSettings,
    "tracker": TrackerSettings,
    "alerts": AlertsSettings,
}
OWN = re.compile(
    r"^KAFKA_(NODE_ID|LISTENERS|ADVERTISED_LISTENERS|CONTROLLER_QUORUM_VOTERS|LOG_DIRS)$"
)
"""Settings of Kafka that say where it is; KAFKA_HEAP_OPTS is none of its properties."""


PAGERDUTY = DEPLOY / "compose" / "pagerduty.yaml"
"""Laid over compose.yaml by whom PagerDuty pages."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def environment(service: dict[str, Any]) -> dict[str, str]:
    return dict(service.get("environment", {}))


def test_it_is_of_the_compose_specification(compose: dict[str, Any]) -> None:
    validator = Draft202012Validator(json.loads(SPECIFICATION.read_text()))
    assert [error.message for error in validator.iter_errors(compose)] == []


def test_the_validation_finds_faults(compose: dict[str, Any]) -> None:
    validator = Draft202012Validator(json.loads(SPECIFICATION.read_text()))
    assert not validator.is_valid(compose | {"services": {"a": {"image": "b", "prots": []}}})


def test_what_it_mounts_is_there(compose: dict[str, Any]) -> None:
    sources = [
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
    ]
    assert all((DEPLOY / name).exists() for name in sources if name.startswith("./"))
    named = {name for name in sources if not name.startswith("./")}
    assert named == set(compose["volumes"])


def test_its_secrets_are_those_that_the_script_makes(compose: dict[str, Any]) -> None:
    used = {
        each if isinstance(each, str) else each["source"]
        for service in compose["services"].values()
        for each in service.get("secrets", ())
    }
    assert used == set(compose["secrets"])
    script = (DEPLOY / "make-secrets.sh").read_text()
    for name, secret in compose["secrets"].items():
        assert secret["file"] == f"secrets/{name}"
        stem = name.removesuffix(".crt").removesuffix(".key")
        assert re.search(
            rf"^ *(once {re.escape(name)} |certificate {stem} |.*-out {name})", script, re.MULTILINE
        )


def test_pagerduty_is_told_by_files_that_are_there(compose: dict[str, Any]) -> None:
    added = yaml.safe_load(PAGERDUTY.read_text())
    validator = Draft202012Validator(json.loads(SPECIFICATION.read_text()))
    assert [error.message for error in validator.iter_errors(added)] == []
    (name,) = added["services"]
    alerts = added["services"][name]
    told = environment(alerts)
    settings = AlertsSettings.model_validate(
        {key.removeprefix("CHASQUI_").lower(): value for key, value in told.items()}
    )
    assert settings.model_fields_set == {key.removeprefix("CHASQUI_").lower() for key in told}
    assert "pagerduty" in settings.alerts_sinks
    files = {value for key, value in told.items() if key.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in alerts["secrets"]}
    assert set(alerts["secrets"]) <= set(compose["secrets"]) | set(added["secrets"])
    assert alerts["networks"] == ["back", "front"]
    for secret, place in added["secrets"].items():
        assert place == {"file": f"secrets/{secret}"}
        script = (DEPLOY / "make-secrets.sh").read_text()
        assert re.search(rf'^once {re.escape(secret)} "\$\(openssl rand', script, re.MULTILINE)


def test_no_password_stands_in_it(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name in environment(service):
            assert not re.search(r"(PASSWORD|SECRET|TOKEN|KEY)$", name), name


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_of_a_service_are_its_own(compose: dict[str, Any], name: str) -> None:
    known = {f"CHASQUI_{field.upper()}" for field in SETTINGS[name].model_fields}
    told = set(environment(compose["services"][name])) - {"CHASQUI_HEALTH_URL"}
    # The tracker's address is for commands and alerts; all are told the same.
    assert told <= known | {"CHASQUI_TRACKER_URL"}


@pytest.mark.parametrize("name", SETTINGS)
def test_our_containers_can_do_little(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["networks"] == ["back"]
    assert "user" not in service  # the image's own, which is not root


def test_nothing_inside_reaches_the_world_but_who_must(compose: dict[str, Any]) -> None:
    assert compose["networks"]["back"] == {"internal": True}
    front = {n for n, s in compose["services"].items() if "front" in s["networks"]}
    assert front == {"nginx", "prometheus", "alertmanager", "grafana"}
    for name, service in compose["services"].items():
        ports = service.get("ports", ())
        assert name == "nginx" or all(port.startswith("127.0.0.1:") for port in ports)


def test_who_waits_for_health_has_one(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for name, demand in service.get("depends_on", {}).items():
            if demand["condition"] == "service_healthy":
                assert "test" in services[name]["healthcheck"]


def test_each_asks_its_own_port_for_health(compose: dict[str, Any]) -> None:
    for name, path in (("ingest-kafka", "metrics"), ("tracker", "readyz"), ("alerts", "readyz")):
        fields = SETTINGS[name].model_fields
        port = fields["metrics_port" if path == "metrics" else "http_port"].default
        url = environment(compose["services"][name])["CHASQUI_HEALTH_URL"]
        assert url == f"http://127.0.0.1:{port}/{path}"


def test_kafka_is_set_as_the_embedded_one(compose: dict[str, Any]) -> None:
    lines = (DEPLOY / "kafka" / "server.properties").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    embedded = {f"KAFKA_{n.replace('.', '_').upper()}": value for n, _, value in pairs}
    told = environment(compose["services"]["kafka"])
    assert {n: v for n, v in told.items() if not OWN.match(n) and n != "KAFKA_HEAP_OPTS"} == {
        n: v for n, v in embedded.items() if not OWN.match(n)
    }


def test_its_kafka_is_of_the_version_that_is_tested(compose: dict[str, Any]) -> None:
    pom = (DEPLOY / "kafka" / "pom.xml").read_text()
    version = compose["services"]["kafka"]["image"].rpartition(":")[2]
    assert re.search(rf"<artifactId>kafka_2.13</artifactId>\s*<version>{version}</version>", pom)


def test_alertmanager_writes_down_what_it_told_each_second(compose: dict[str, Any]) -> None:
    assert "--data.maintenance-interval=1s" in compose["services"]["alertmanager"]["command"]


def test_prometheus_knows_all_of_them(compose: dict[str, Any]) -> None:
    (targets,) = (yaml.safe_load((DEPLOY / "compose" / "targets.yml").read_text()),)
    found = {target for each in targets for target in each["targets"]}
    metrics = {n: s for n, s in SETTINGS.items() if s.model_fields["metrics_port"].default}
    assert found == {f"{n}:{s.model_fields['metrics_port'].default}" for n, s in metrics.items()}
