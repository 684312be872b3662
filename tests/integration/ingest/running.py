"""A way in as its own process, as operators run it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from services.cli.broker import free_port


class Running:
    """A process of ingest, its addresses and what it has logged."""

    def __init__(self, way: str, bootstrap: str, sources_file: Path, **changes: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self._log = sources_file.with_suffix(f".{way}.log")
        settings = {
            "kafka_bootstrap_servers": bootstrap,
            "sources_file": str(sources_file),
            "state_dir": str(sources_file.parent),
            "http_port": str(self.port),
            "metrics_port": str(self.metrics_port),
            **changes,
        }
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.ingest", way],
                env=_environment(settings),
                stderr=log,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        return self._log.read_text()

    def answers(self, path: str, status: int = 200) -> None:
        """Wait until it gives that answer."""
        for _ in range(600):
            assert self.process.poll() is None, self.log()
            try:
                if httpx.get(self.url + path, timeout=5).status_code == status:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log())

    def says(self, event: str) -> None:
        """Wait until it logs the event."""
        while event not in self.log():
            assert self.process.poll() is None, self.log()
            time.sleep(0.05)

    def counted(self, metric: str) -> float:
        """A sample of its /metrics, 0 when it is not there."""
        try:
            text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics").text
        except httpx.TransportError:
            return 0
        lines = [line for line in text.splitlines() if line.startswith(metric)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def memory(self) -> int:
        """The most bytes it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) * 1024

    def terminate(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHASQUI_")}
    return own | {f"CHASQUI_{name.upper()}": value for name, value in settings.items()}


@contextmanager
def running(way: str, bootstrap: str, sources_file: Path, **changes: str) -> Iterator[Running]:
    """A process that is ended with the test."""
    process = Running(way, bootstrap, sources_file, **changes)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.wait()
