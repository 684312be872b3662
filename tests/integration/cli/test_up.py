"""`chasqui up` runs everything on real ports and leaves nothing behind."""

import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from kafka import KafkaAdminClient

from schemas.topics import TOPICS
from services.cli.broker import PORTS, is_free
from services.cli.parts import Ports

READY = "Ctrl-C stops everything"


class Running(NamedTuple):
    process: "subprocess.Popen[str]"
    ports: Ports

    def read_until(self, text: str) -> str:
        assert self.process.stdout
        said = ""
        for line in self.process.stdout:
            said += line
            if text in line:
                return said
        pytest.fail(f"it ended without {text!r}:\n{said}")

    def end(self, number: signal.Signals) -> str:
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=60)
        return said

    def everything_is_gone(self) -> bool:
        http, metrics, kafka = self.ports
        return all(
            is_free(port) for port in (*range(http, http + 3), *range(metrics, metrics + 4), kafka)
        )


def free_ports() -> Ports:
    while True:
        first = random.choice(PORTS)
        if all(is_free(port) for port in range(first, first + 8)):
            return Ports(first, first + 3, first + 7)


def start(data: Path, ports: Ports) -> Running:
    env = {name: value for name, value in os.environ.items() if not name.startswith("CHASQUI_")}
    options = (
        "--http-port",
        ports.http,
        "--metrics-port",
        ports.metrics,
        "--kafka-port",
        ports.kafka,
    )
    command = [sys.executable, "-m", "services.cli", "up", "--data", data, *options]
    process = subprocess.Popen(
        [str(word) for word in command],
        env={**env, "PYTHONUNBUFFERED": "1", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Running(process, ports)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = start(tmp_path, free_ports())
    yield started
    started.process.kill()
    started.process.wait()
    if started.process.stdout:
        started.process.stdout.close()


def test_one_signal_stops_everything_and_the_data_is_there_next_time(
    running: Running, tmp_path: Path
) -> None:
    running.read_until(READY)
    answer = httpx.get(f"http://127.0.0.1:{running.ports.http}/readyz")
    assert answer.status_code == 200
    admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{running.ports.kafka}")
    assert {topic.full_name for topic in TOPICS} <= set(admin.list_topics())
    admin.close()
    said = running.end(signal.SIGINT)
    assert "everything is stopped" in said
    assert "Traceback" not in said
    assert running.process.returncode == 0
    assert running.everything_is_gone()

    again = start(tmp_path, running.ports)
    again.read_until(READY)
    assert "everything is stopped" in again.end(signal.SIGTERM)
    assert again.process.returncode == 0
    assert again.everything_is_gone()


def test_a_service_that_dies_is_named_and_ends_the_rest(running: Running) -> None:
    tracker = process_of("tracker", running.read_until(READY))
    os.kill(tracker, signal.SIGKILL)
    said = running.read_until("Error:")
    assert "tracker ended by itself with exit code -9" in said
    assert running.process.wait(60) == 1
    assert running.everything_is_gone()


def test_a_kill_leaves_nothing_running(running: Running) -> None:
    running.read_until(READY)
    running.process.kill()
    running.process.wait()
    for _ in range(100):
        if running.everything_is_gone():
            return
        signal.sigtimedwait([], 0.2)
    pytest.fail("something still listens")


def process_of(name: str, said: str) -> int:
    row = re.search(rf"│ {name} +│ \S+ +│ (\d+) ", said)
    assert row, said
    return int(row[1])
