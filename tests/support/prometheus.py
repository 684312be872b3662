"""A real Prometheus, Debian's, with deploy/prometheus as its configuration."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.cli.broker import free_port

MISSING = "prometheus and promtool are not installed: apt-get install prometheus"
_DEPLOYED = Path("deploy/prometheus")
_READY_SECONDS = 30.0


@dataclass(frozen=True)
class Prometheus:
    """One that scrapes and judges every second instead of every quarter of a minute."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self, targets: Mapping[str, int], alertmanagers: Sequence[int]) -> Iterator[None]:
        """Scrape these ports of this machine, by part, and tell the Alertmanagers at those."""
        program = shutil.which("prometheus")
        assert program, MISSING
        command = [
            program,
            f"--config.file={self._configured(targets, alertmanagers)}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--rules.alert.resend-delay=1s",
            "--log.level=warn",
        ]
        log = self.folder / "prometheus.log"
        with log.open("wb") as output:
            child = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            self._await_ready(child, log)
            yield
        finally:
            child.terminate()
            child.wait(30)

    def get(self, path: str, **asked: str) -> Any:
        """The data of an answer of its API."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=asked, timeout=10).json()
        assert answer["status"] == "success", (asked, answer)
        return answer["data"]

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The samples of an expression, as it is now."""
        result: list[dict[str, Any]] = self.get("query", query=expr)["result"]
        return result

    def _configured(self, targets: Mapping[str, int], alertmanagers: Sequence[int]) -> Path:
        """The deployed configuration, which is told where and how often, and nothing else."""
        own = self.folder / "prometheus"
        shutil.copytree(_DEPLOYED, own)
        said = [
            f'- {{targets: ["127.0.0.1:{port}"], labels: {{part: {part}}}}}\n'
            for part, port in targets.items()
        ]
        (own / "targets" / "local.yml").write_text("".join(said))
        peers = [f'- {{targets: ["127.0.0.1:{port}"]}}\n' for port in alertmanagers]
        (own / "alertmanagers" / "local.yml").write_text("".join(peers))
        config = own / "prometheus.yml"
        config.write_text(config.read_text("utf-8").replace("_interval: 15s", "_interval: 1s"))
        return config

    def _await_ready(self, child: "subprocess.Popen[bytes]", log: Path) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            assert child.poll() is None, log.read_text("utf-8")
            try:
                if httpx.get(f"{self.url}/-/ready", timeout=2).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8"))


def prometheus(folder: Path) -> Prometheus:
    """One in its folder, not started yet."""
    return Prometheus(folder, free_port())
