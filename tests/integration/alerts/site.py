"""A Kafka and processes of alerts, as they run in earnest."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
from kafka import KafkaConsumer, KafkaProducer

from schemas.topics import DELAYS
from services.cli.broker import free_port

T = TypeVar("T")
_PATIENCE_SECONDS = 20.0


def eventually(look: Callable[[], T], what: str, seconds: float = _PATIENCE_SECONDS) -> T:
    """The first true answer of `look`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


@dataclass
class Site:
    """One folder of state, one Kafka, one set of settings; alerts may be killed and restarted."""

    bootstrap: str
    folder: Path
    env: Mapping[str, str]
    http_port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """A ready process of alerts; ended, whatever happened, when done."""
        child = self._start()
        try:
            eventually(lambda: self._ready(child), "alerts is ready")
            yield child
        finally:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            child.wait(30)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.http_port}{path}", timeout=5)

    def metrics(self) -> str:
        return httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5).text

    def out(self) -> str:
        """What alerts said on standard output."""
        return (self.folder / "alerts.out").read_text()

    def tell(self, *delays: dict[str, object]) -> None:
        producer = KafkaProducer(bootstrap_servers=self.bootstrap)
        for each in delays:
            key = f"{each['kind']}/{each['subject_id']}".encode()
            producer.send(DELAYS.full_name, msgspec.json.encode(each), key)
        producer.flush(30)
        producer.close()

    def read(self, topic: str) -> list[dict[str, object]]:
        """All committed records of a topic, as an independent client sees them."""
        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            consumer_timeout_ms=2000,
        )
        values = [msgspec.json.decode(record.value) for record in consumer]
        consumer.close()
        return values

    def _start(self) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "CHASQUI_STATE_DIR": str(self.folder / "state"),
            "CHASQUI_PARTITIONS": "2",
            "CHASQUI_HTTP_PORT": str(self.http_port),
            "CHASQUI_METRICS_PORT": str(self.metrics_port),
            "CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP": "1",
            "CHASQUI_ALERTS_SETTLE": "PT0.2S",
            "CHASQUI_ALERTS_RESEND": "PT2S",
            **self.env,
        }
        with (
            (self.folder / "alerts.out").open("ab") as out,
            (self.folder / "alerts.err").open("ab") as err,
        ):
            return subprocess.Popen(
                [sys.executable, "-m", "services.alerts"], env=env, stdout=out, stderr=err
            )

    def _ready(self, child: subprocess.Popen[bytes]) -> bool:
        assert child.poll() is None, (self.folder / "alerts.err").read_text()[-3000:]
        try:
            return self.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False
