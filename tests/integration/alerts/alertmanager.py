"""A real Prometheus Alertmanager, Debian's, that tells a receiver what it would tell people."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from services.cli.broker import free_port
from tests.integration.alerts.receiver import Receiver
from tests.integration.alerts.site import eventually

PROGRAM = "prometheus-alertmanager"
MISSING = f"{PROGRAM} is not installed: apt-get install --no-install-recommends {PROGRAM}"
_CONFIG = """
route:
  receiver: people
  group_by: ["..."]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: people
    webhook_configs:
      - url: {url}/people
        send_resolved: true
"""


@dataclass
class Alertmanager:
    """One peer, and what it told."""

    folder: Path
    people: Receiver
    port: int
    config: str
    child: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """On the data that are there; answers once it is ready."""
        program = shutil.which(PROGRAM)
        assert program, MISSING
        config = self.folder / "alertmanager.yml"
        config.write_text(self.config)
        command = [
            program,
            f"--config.file={config}",
            f"--storage.path={self.folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--data.maintenance-interval=1s",
        ]
        with (self.folder / "alertmanager.log").open("ab") as log:
            self.child = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(self._ready, "alertmanager is ready")

    def kill(self) -> None:
        """By kill -9."""
        assert self.child is not None
        self.child.kill()
        self.child.wait(20)

    @contextmanager
    def running(self) -> Iterator["Alertmanager"]:
        """A ready one; ended, whatever happened, when done."""
        try:
            self.start()
            yield self
        finally:
            if self.child is not None:
                self.child.terminate()
                self.child.wait(20)

    def firing(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What is open there, by alertname and severity."""
        return {(a["labels"]["alertname"], a["labels"]["severity"]): a for a in self.alerts()}

    def alerts(self) -> list[dict[str, Any]]:
        """All that is open there."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts", timeout=5).json()
        return found

    def told(self) -> list[tuple[str, str, str]]:
        """What people were told: status, alertname, severity."""
        return [
            (status, labels["alertname"], labels["severity"]) for status, labels in self.notified()
        ]

    def notified(self) -> list[tuple[str, dict[str, str]]]:
        """What people were told, in order: status and labels."""
        messages = [msgspec.json.decode(request.body) for request in list(self.people.requests)]
        return [
            (alert["status"], alert["labels"])
            for message in messages
            for alert in message["alerts"]
        ]

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


def alertmanager(folder: Path, people: Receiver, config: str = "") -> Alertmanager:
    """One in its folder, not started yet; it tells people everything, unless `config` says else."""
    return Alertmanager(folder, people, free_port(), config or _CONFIG.format(url=people.url))
