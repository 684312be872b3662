"""The HTTP edge on one core: events accepted and acknowledged, with and without Kafka behind it.

`python -m tests.benchmarks.edge [--seconds N]`. The edge has core 0; broker and field systems share
the other, so that what one core takes is told by the CPU it spent as well as by the wall.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from schemas.topics import TOPICS
from services.cli.broker import free_port
from services.runtime.keys.file import add_source
from services.runtime.topics import TopicSpec, create_topics
from tests.benchmarks.field_reports import written_and_admitted
from tests.benchmarks.field_systems import Heard, events, report, requests
from tests.benchmarks.measure import (
    broker,
    cpu_seconds,
    machine,
    peak_memory,
    pinned,
    quantile,
    table,
)

ROWS = 100
PARTITIONS = 6
_EVENTS = 8000
_WARM_UP = 2.0
_WITH, _WITHOUT = "services.ingest", "tests.benchmarks.edge_without_kafka"
_HEADER = (
    "what is sent", "journal", "events/s", "p50 ms", "p99 ms", "edge us/event", "events/s a core",
    "edge CPU %", "load CPU %",
)  # fmt: skip


class Shape(NamedTuple):
    """A way to send events, and over how many connections."""

    name: str
    content_type: str
    rows: int
    connections: int

    def bodies(self, told: Sequence[bytes]) -> list[bytes]:
        if self.rows == 1:
            return list(told)
        batches = [told[at : at + self.rows] for at in range(0, len(told), self.rows)]
        if self.content_type == "application/json":
            return [b"[%b]" % b",".join(batch) for batch in batches]
        return [b"\n".join(batch) for batch in batches]


SHAPES = (
    Shape("single", "application/json", 1, 24),
    Shape(f"array of {ROWS}", "application/json", ROWS, 8),
    Shape(f"NDJSON of {ROWS}", "application/x-ndjson", ROWS, 8),
)


class Edge(NamedTuple):
    """A process of the edge on the measured core."""

    process: subprocess.Popen[bytes]
    port: int
    key: str


@contextmanager
def edge(module: str, bootstrap: str, folder: Path) -> Iterator[Edge]:
    """The edge as operators run it, ready, with no limit to what one source may send."""
    port, sources = free_port(), folder / f"{module}.toml"
    key = add_source(sources, "hsi", ("US-*",))
    environment = _environment(bootstrap, sources, folder, HTTP_PORT=str(port))
    command = [sys.executable, "-m", module, *(["http"] if module == _WITH else [])]
    process = subprocess.Popen(pinned(command), env=environment)
    try:
        _await_ready(port)
        yield Edge(process, port, key)
    finally:
        process.terminate()
        process.wait()


def _environment(bootstrap: str, sources: Path, folder: Path, **more: str) -> dict[str, str]:
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "SOURCES_FILE": str(sources),
        "STATE_DIR": str(folder),
        "METRICS_PORT": "0",
        "ROWS_PER_SECOND": "1e9",
        "ROWS_AT_ONCE": "1e9",
        "LOG_LEVEL": "WARNING",
        **more,
    }
    return os.environ | {f"CHASQUI_{name}": value for name, value in settings.items()}


def _await_ready(port: int) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError("the edge is not ready")


def measured(edge: Edge, shape: Shape, told: Sequence[bytes], seconds: float) -> list[object]:
    """One row of the table, after the edge is warm."""
    sent = requests(shape.bodies(told), shape.content_type, edge.key)
    asyncio.run(report(edge.port, sent, shape.connections, _WARM_UP))
    before = cpu_seconds(edge.process.pid)
    heard = asyncio.run(report(edge.port, sent, shape.connections, seconds))
    cpu = cpu_seconds(edge.process.pid) - before
    accepted = heard.accepted * shape.rows
    assert accepted == len(heard.seconds) * shape.rows, heard.statuses
    each = cpu / accepted
    return [
        accepted / heard.took, *_milliseconds(heard), each * 1e6, 1 / each,
        100 * cpu / heard.took, 100 * heard.cpu / heard.took,
    ]  # fmt: skip


def _milliseconds(heard: Heard) -> list[float]:
    return [quantile(heard.seconds, share) * 1000 for share in (0.5, 0.99)]


def overload(edge: Edge, told: Sequence[bytes], connections: int, seconds: float) -> list[object]:
    """Ten times as many connections as requests may be under way."""
    shape = SHAPES[-1]
    sent = requests(shape.bodies(told), shape.content_type, edge.key)
    heard = asyncio.run(report(edge.port, sent, connections, seconds))
    shed = heard.statuses.get(503, 0)
    assert heard.told_to_wait == shed, "a 503 says when to come again"
    assert heard.accepted + shed == len(heard.seconds), heard.statuses
    return [
        connections, heard.accepted, shed, heard.accepted * shape.rows / heard.took,
        quantile(heard.seconds, 0.99) * 1000, peak_memory(edge.process.pid) / 2**20,
    ]  # fmt: skip


def field_reports(bootstrap: str, folder: Path, told: Sequence[bytes]) -> list[object]:
    """What the second way in spends on events that field systems write to Kafka themselves."""
    sources = folder / "reports.toml"
    key = add_source(sources, "hsi", ("US-*",))
    command = pinned([sys.executable, "-m", _WITH, "kafka"])
    with subprocess.Popen(command, env=_environment(bootstrap, sources, folder)) as process:
        asyncio.run(written_and_admitted(bootstrap, told[:1000], key))
        before, began = cpu_seconds(process.pid), time.perf_counter()
        asyncio.run(written_and_admitted(bootstrap, told, key))
        cpu, took = cpu_seconds(process.pid) - before, time.perf_counter() - began
        process.terminate()
    return ["field reports", len(told) / took, cpu / len(told) * 1e6, len(told) / cpu]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    seconds = parser.parse_args().seconds
    told = events(_EVENTS)
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder, "kafka")) as kafka:
        create_topics(kafka.bootstrap, [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS])
        print(machine(), f"events of {sum(map(len, told)) // len(told)} bytes", sep=", ")
        rows: list[list[object]] = []
        shed: list[list[object]] = []
        for module, journal in ((_WITH, "Kafka"), (_WITHOUT, "none")):
            with edge(module, kafka.bootstrap, Path(folder)) as running:
                for shape in SHAPES:
                    figures = measured(running, shape, told, seconds)
                    rows.append([shape.name, journal, *figures])
                if module == _WITH:
                    shed = [
                        ["usual", *overload(running, told, 8, seconds / 2)],
                        ["ten times", *overload(running, told, 320, seconds / 2)],
                    ]
        reports = field_reports(kafka.bootstrap, Path(folder), told)
    print(table(_HEADER, rows))
    print()
    header = "load", "connections", "202", "503", "events/s", "p99 ms", "peak MiB"
    print(table(header, shed))
    print()
    print(table(("", "events/s", "us/event", "events/s a core"), [reports]))


if __name__ == "__main__":
    main()
