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

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
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
        ]
        with (self.folder / "alertmanager.log").open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            eventually(self._ready, "alertmanager is ready")
            yield child
        finally:
            child.terminate()
            child.wait(20)

    def firing(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What is open there, by alertname and severity."""
        return {(a["labels"]["alertname"], a["labels"]["severity"]): a for a in self.alerts()}

    def alerts(self) -> list[dict[str, Any]]:
        """All that is open there."""
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/alerts", timeout=5).json()
        return found

    def told(self) -> list[tuple[str, str, str]]:
        """What people were told: status, alertname, severity."""
        messages = [msgspec.json.decode(request.body) for request in self.people.requests]
        return [
            (alert["status"], alert["labels"]["alertname"], alert["labels"]["severity"])
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
