"""deploy/kubernetes: every object is valid, and agrees with the others and with the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from schemas.topics import EVENTS, FIELD_REPORTS
from services.alerts.settings import AlertsSettings
from services.cli.settings import CliSettings
from services.ingest.kafka import GROUP as REPORTS_GROUP
from services.ingest.settings import HttpSettings, KafkaSettings
from services.tracker.job import create_job
from services.tracker.settings import TrackerSettings

FOLDER = Path("deploy/kubernetes")
BASE = FOLDER / "base"
NAME = "app.kubernetes.io/name"
SETTINGS = {
    "ingest-http": HttpSettings,
    "ingest-kafka": KafkaSettings,
    "tracker": TrackerSettings,
    "alerts": AlertsSettings,
}
Object = dict[str, Any]


def read(path: Path) -> list[Object]:
    return list(yaml.safe_load_all(path.read_text()))


def kustomization(folder: Path) -> Object:
    (found,) = read(folder / "kustomization.yaml")
    return found


def objects_of(folder: Path) -> Iterator[Object]:
    """What its kustomization names, and what that of another folder names that it builds on."""
    for name in kustomization(folder).get("resources", ()):
        path = folder / name
        yield from objects_of(path) if path.is_dir() else read(path)


OBJECTS = list(objects_of(FOLDER / "autoscaling"))
WORKLOADS = {
    each["metadata"]["name"]: each
    for each in OBJECTS
    if each["kind"] in ("Deployment", "StatefulSet")
}
PLAIN = [each for each in OBJECTS if each["kind"] != "ScaledObject"]
SCALED = {each["metadata"]["name"]: each for each in OBJECTS if each["kind"] == "ScaledObject"}
SAID = (BASE / "settings.env").read_text()
TOLD = dict(line.split("=", 1) for line in SAID.splitlines() if not line.startswith("#"))
OFFERED = dict(re.findall(r"^#(CHASQUI_\w+)=(.*)$", SAID, re.MULTILINE))
"""What may be uncommented."""


def of_kind(kind: str) -> dict[str, Object]:
    return {each["metadata"]["name"]: each for each in OBJECTS if each["kind"] == kind}


def pod(name: str) -> Object:
    found: Object = WORKLOADS[name]["spec"]["template"]
    return found


def containers(name: str) -> list[Object]:
    spec = pod(name)["spec"]
    return [*spec.get("initContainers", ()), *spec["containers"]]


def ports(name: str) -> dict[str, int]:
    return {p["name"]: p["containerPort"] for c in containers(name) for p in c.get("ports", ())}


def selected(selector: Object) -> set[str]:
    """The workloads whose pods have these labels."""
    labels = selector.get("matchLabels", selector) or {}
    return {name for name in WORKLOADS if labels.items() <= pod(name)["metadata"]["labels"].items()}


@pytest.mark.parametrize("each", PLAIN, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_every_object_is_of_kubernetes_schema(each: Object) -> None:
    kubernetes_validate.validate(each, kubernetes_validate.latest_version(), strict=True)


def test_the_validation_finds_faults() -> None:
    wrong = WORKLOADS["tracker"] | {"spec": WORKLOADS["tracker"]["spec"] | {"replics": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_named_by_a_kustomization() -> None:
    for folder in (BASE, FOLDER / "autoscaling"):
        files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
        assert files == {n for n in kustomization(folder)["resources"] if n.endswith(".yaml")}


def test_nginx_gets_every_file_of_its_configuration() -> None:
    (generated,) = kustomization(Path("deploy/nginx"))["configMapGenerator"]
    shipped = {path.name for path in Path("deploy/nginx").glob("*.conf")}
    assert set(generated["files"]) == shipped - {"mtls.conf"}


@pytest.mark.parametrize("name", SETTINGS)
def test_each_runs_its_service_on_its_ports(name: str) -> None:
    container = pod(name)["spec"]["containers"][0]
    assert container["args"] == name.split("-")
    fields = SETTINGS[name].model_fields
    wanted = {"metrics": fields["metrics_port"].default}
    if name != "ingest-kafka":
        wanted["http"] = fields["http_port"].default
    assert ports(name) == wanted


def test_the_settings_are_those_of_the_code() -> None:
    known = {
        f"CHASQUI_{field.upper()}"
        for settings in (CliSettings, *SETTINGS.values())
        for field in settings.model_fields
    }
    own = {each["name"] for name in SETTINGS for c in containers(name) for each in c.get("env", ())}
    assert TOLD.keys() | OFFERED.keys() | own <= known
    for told in (TOLD, TOLD | OFFERED):
        AlertsSettings.model_validate(
            {name.removeprefix("CHASQUI_").lower(): value for name, value in told.items()}
        )


def test_files_that_settings_name_are_where_something_is_mounted() -> None:
    mounts = {mount["mountPath"] for mount in containers("alerts")[0]["volumeMounts"]}
    files = [v for n, v in (TOLD | OFFERED).items() if n.endswith("_FILE")]
    assert len(files) == 4
    assert {str(Path(file).parent) for file in files} <= mounts


@pytest.mark.parametrize("name", SETTINGS)
def test_probes_ask_what_is_answered(name: str) -> None:
    container = pod(name)["spec"]["containers"][0]
    live, ready = (container[f"{probe}Probe"]["httpGet"] for probe in ("liveness", "readiness"))
    assert container["startupProbe"]["httpGet"] == live
    if name == "ingest-kafka":
        assert live == ready == {"path": "/metrics", "port": "metrics"}
    else:
        assert live == {"path": "/healthz", "port": "http"}
        assert ready == {"path": "/readyz", "port": "http"}


@pytest.mark.parametrize("name", WORKLOADS)
def test_no_container_can_do_more_than_it_must(name: str) -> None:
    spec = pod(name)["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(name):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_budget_keeps_some_of_each_running(name: str) -> None:
    budgets = [b for b in of_kind("PodDisruptionBudget").values() if b["metadata"]["name"] == name]
    assert [selected(each["spec"]["selector"]) for each in budgets] == [{name}]
    assert selected(WORKLOADS[name]["spec"]["selector"]) == {name}


def test_services_lead_to_a_port_of_their_pods() -> None:
    for name, service in of_kind("Service").items():
        (workload,) = selected(service["spec"]["selector"])
        assert name.removesuffix("-instances") == workload
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports(workload)


@pytest.mark.parametrize("name", ["tracker", "alerts"])
def test_who_keeps_states_has_a_name_and_a_disk(name: str) -> None:
    spec = WORKLOADS[name]["spec"]
    headless = of_kind("Service")[spec["serviceName"]]["spec"]
    assert headless["clusterIP"] == "None"
    assert headless["publishNotReadyAddresses"] is True
    env = {each["name"]: each for each in containers(name)[0]["env"]}
    assert env["CHASQUI_INSTANCE_ID"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    url = f"http://$(CHASQUI_INSTANCE_ID).{spec['serviceName']}:{ports(name)['http']}"
    assert env["CHASQUI_ADVERTISED_URL"]["value"] == url
    (claim,) = spec["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in containers(name)[0]["volumeMounts"]}
    assert mounts[claim["metadata"]["name"]] == "/var/lib/chasqui"


def test_nginx_knows_the_services_by_their_names() -> None:
    text = Path("deploy/nginx/upstreams.conf").read_text()
    for name in ("ingest-http", "tracker", "alerts"):
        (port,) = of_kind("Service")[name]["spec"]["ports"]
        assert f"server {name}:{port['port']};" in text


def test_ports_of_network_policies_are_those_of_the_pods() -> None:
    for policy in of_kind("NetworkPolicy").values():
        names = selected(policy["spec"]["podSelector"])
        assert names
        for rule in policy["spec"].get("ingress", ()):
            for port in rule["ports"]:
                assert any(port["port"] in ports(name) for name in names)


def test_volumes_that_are_mounted_are_there() -> None:
    for name, workload in WORKLOADS.items():
        claims = workload["spec"].get("volumeClaimTemplates", ())
        there = {v["name"] for v in pod(name)["spec"]["volumes"]}
        there |= {claim["metadata"]["name"] for claim in claims}
        for container in containers(name):
            assert {mount["name"] for mount in container["volumeMounts"]} <= there


def test_configurations_that_are_named_are_generated() -> None:
    generated = {
        each["name"]
        for folder in (BASE, Path("deploy/nginx"))
        for each in kustomization(folder)["configMapGenerator"]
    }
    named = {
        each["configMapRef"]["name"]
        for name in WORKLOADS
        for container in containers(name)
        for each in container.get("envFrom", ())
    }
    mounted = {
        volume["configMap"]["name"]
        for name in WORKLOADS
        for volume in pod(name)["spec"]["volumes"]
        if "configMap" in volume and not volume["configMap"].get("optional")
    }
    assert named | mounted == generated


def test_lag_asks_for_no_more_instances_than_partitions() -> None:
    assert SCALED.keys() == {"tracker", "ingest-kafka"}
    for name, scaled in SCALED.items():
        spec = scaled["spec"]
        target = spec["scaleTargetRef"]
        assert (target["kind"], target["name"]) == (WORKLOADS[name]["kind"], name)
        assert spec["maxReplicaCount"] == int(TOLD["CHASQUI_PARTITIONS"])
        assert spec["minReplicaCount"] >= 2
        (trigger,) = spec["triggers"]
        assert trigger["type"] == "kafka"
        assert trigger["metadata"]["bootstrapServers"] == TOLD["CHASQUI_KAFKA_BOOTSTRAP_SERVERS"]
    asked = {n: s["spec"]["triggers"][0]["metadata"] for n, s in SCALED.items()}
    job = create_job(6, lambda *_: None)
    assert asked["tracker"]["consumerGroup"] == job.group
    assert asked["tracker"]["topic"] == EVENTS.full_name
    assert asked["ingest-kafka"]["consumerGroup"] == REPORTS_GROUP
    assert asked["ingest-kafka"]["topic"] == FIELD_REPORTS.full_name


def test_who_is_scaled_has_no_number_of_its_own() -> None:
    patches = kustomization(FOLDER / "autoscaling")["patches"]
    for each in patches:
        assert yaml.safe_load(each["patch"]) == [{"op": "remove", "path": "/spec/replicas"}]
    assert {each["target"]["name"] for each in patches} == SCALED.keys()
    assert "replicas" not in WORKLOADS["ingest-http"]["spec"]
