"""A real Prometheus and a real Alertmanager beside the demo, with the configuration of deploy/."""

import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx

from services.cli.broker import is_free
from services.cli.child import Child
from services.cli.errors import CommandError
from services.cli.parts import Ports

DEPLOY = Path(__file__).parents[1]
HTTP_OK = 200
READY_WITHIN = timedelta(seconds=60)
PAUSE = timedelta(milliseconds=200)
STOPPED_WITHIN = timedelta(seconds=20)
SEVERITIES = ("critical", "warning", "info")


class Observer(NamedTuple):
    """One of the two programs, Debian's name for it, and where it answers."""

    name: str
    program: str
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


PROMETHEUS = Observer("Prometheus", "prometheus", 19090)
ALERTMANAGER = Observer("Alertmanager", "prometheus-alertmanager", 19093)


class Observers:
    """Both as children, on loopback, with all they keep in a folder."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder = folder.absolute()
        self._ports = ports
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        """Start both and wait until they are ready; CommandError says why they are not."""
        self._configure()
        storage = f"--storage.tsdb.path={self._folder / 'metrics'}"
        self._start(PROMETHEUS, f"--config.file={self._folder}/prometheus/prometheus.yml", storage)
        self._start(
            ALERTMANAGER,
            f"--config.file={self._folder / 'alertmanager.yml'}",
            f"--storage.path={self._folder / 'alerts'}",
            "--data.maintenance-interval=1s",
            "--cluster.listen-address=",
        )
        return self

    def __exit__(self, *_: object) -> None:
        while self._children:
            self._children.pop().end(STOPPED_WITHIN)

    @property
    def told(self) -> Mapping[str, str]:
        """What the services are told, so that alerts shows its alerts there."""
        return {
            "CHASQUI_ALERTS_SINKS": "log,alertmanager",
            "CHASQUI_ALERTS_ALERTMANAGER_URLS": ALERTMANAGER.url,
            "CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP": "1",
        }

    def where_to_look(self) -> str:
        """The pages of both, and who is scraped."""
        answer = httpx.get(f"{PROMETHEUS.url}/api/v1/targets", timeout=5, trust_env=False).json()
        targets = answer["data"]["activeTargets"]
        healthy = sum(target["health"] == "up" for target in targets)
        return (
            f"Prometheus: {PROMETHEUS.url}/graph (scrapes {healthy} of {len(targets)} processes)\n"
            f"Alertmanager: {ALERTMANAGER.url}/#/alerts"
        )

    def open_alerts(self) -> str:
        """What is open, as Alertmanager itself lists it, the gravest first."""
        asked = {"active": "true", "silenced": "false", "inhibited": "false"}
        url = f"{ALERTMANAGER.url}/api/v2/alerts"
        alerts = httpx.get(url, params=asked, timeout=5, trust_env=False).json()
        labels = sorted((alert["labels"] for alert in alerts), key=_rank)
        listed = ", ".join(map(_brief, labels)) or "none"
        return f"Open alerts, as Alertmanager lists them: {listed}."

    def _configure(self) -> None:
        """Take the shipped configuration; only who is scraped and told is the demo's own."""
        self._folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(DEPLOY / "prometheus", self._folder / "prometheus")
        parts = ("ingest", "ingest-kafka", "tracker", "alerts")
        targets = (
            f'- {{targets: ["127.0.0.1:{port}"], labels: {{part: {part}}}}}\n'
            for port, part in enumerate(parts, self._ports.metrics)
        )
        (self._folder / "prometheus/targets/local.yml").write_text("".join(targets))
        peers = f'- targets: ["127.0.0.1:{ALERTMANAGER.port}"]\n'
        (self._folder / "prometheus/alertmanagers/local.yml").write_text(peers)
        # Without the secrets beside it nothing leaves this machine.
        shutil.copy(DEPLOY / "alertmanager" / "alertmanager.yml", self._folder)

    def _start(self, observer: Observer, *arguments: str) -> None:
        if not is_free(observer.port):
            raise CommandError(f"port {observer.port} on loopback is taken by another program.")
        listen = f"--web.listen-address=127.0.0.1:{observer.port}"
        log = self._folder / f"{observer.program}.log"
        with log.open("ab") as output:
            child = Child.start([observer.program, *arguments, listen], output=output)
        self._children.append(child)
        _await_ready(observer, child, log)


def _await_ready(observer: Observer, child: Child, log: Path) -> None:
    for _ in range(READY_WITHIN // PAUSE):
        if child.exit_code() is not None:
            raise CommandError(f"{observer.name} ended by itself: see {log}.")
        if _answers(f"{observer.url}/-/ready"):
            return
        time.sleep(PAUSE.total_seconds())
    raise CommandError(f"{observer.name} was not ready within {READY_WITHIN}: see {log}.")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == HTTP_OK
    except httpx.HTTPError:
        return False


def _rank(labels: Mapping[str, str]) -> Sequence[Any]:
    severity = labels.get("severity", "info")
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return rank, labels["alertname"], labels.get("subject", "")


def _brief(labels: Mapping[str, str]) -> str:
    name = " ".join(filter(None, (labels["alertname"], labels.get("subject"))))
    return f"{name} ({labels.get('severity', 'no severity')})"
