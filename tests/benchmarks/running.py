"""The real tracker in a process of its own, on the measured core, seen from outside."""

import os
import sys
import time
from pathlib import Path
from subprocess import Popen
from typing import Self

import httpx

from services.cli.broker import free_port
from tests.benchmarks.filling import PARTITIONS
from tests.benchmarks.measure import cpu_seconds, peak_memory, pinned

PATIENCE_SECONDS = 900
_QUIET = 0.1
"""A process that uses less of its core than this has done what it had to do at its start."""


class Tracker:
    """Started at once; `seconds` counts from then."""

    def __init__(
        self, bootstrap: str, folder: Path, *, module: str = "services.tracker", **environment: str
    ) -> None:
        self.log = folder.with_suffix(".log")
        self._port, self._metrics_port = free_port(), free_port()
        settings = os.environ | {
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "CHASQUI_STATE_DIR": str(folder),
            "CHASQUI_INSTANCE_ID": "one",
            "CHASQUI_PARTITIONS": str(PARTITIONS),
            "CHASQUI_HTTP_PORT": str(self._port),
            "CHASQUI_METRICS_PORT": str(self._metrics_port),
            **environment,
        }
        command = pinned([sys.executable, "-m", module])
        with self.log.open("ab") as log:
            self._started = time.perf_counter()
            self._process = Popen(command, env=settings, stdout=log, stderr=log)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        assert self._process.wait(60) == 0, self.log.read_text()[-2000:]

    def send(self, signal: int) -> None:
        self._process.send_signal(signal)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return cpu_seconds(self._process.pid)

    @property
    def memory(self) -> int:
        """The most it ever had in memory, in bytes."""
        return peak_memory(self._process.pid)

    def metrics(self) -> dict[str, float]:
        """Every series and its value."""
        url = f"http://127.0.0.1:{self._metrics_port}/metrics"
        lines = httpx.get(url, timeout=60).text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def await_ready(self) -> float:
        """Answers the seconds from the start until it says it is ready."""
        while not self._is_ready():
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert self.seconds < PATIENCE_SECONDS, "not ready"
            time.sleep(0.05)
        return self.seconds

    def await_quiet(self) -> float:
        """Answers the seconds from the start until it has nothing more to do."""
        while True:
            at, used = self.seconds, self.cpu
            time.sleep(1)
            if self.cpu - used < _QUIET * (self.seconds - at):
                return at
            assert self.seconds < PATIENCE_SECONDS, "never quiet"

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}/readyz", timeout=60).is_success
        except httpx.TransportError:
            return False
