"""A Kafka and processes of the tracker, as they run in earnest, seen from outside."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import httpx
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas.topics import DELAYS, EVENTS, MOVEMENTS, QUARANTINE
from services.cli.broker import free_port
from services.runtime.memory import MemoryDriver
from services.runtime.partition import partition_of
from services.runtime.processor import Record
from services.runtime.topics import create_topics
from services.tracker.app import topics_of
from tests.support.hearing import in_order_heard, journal_record, tracker_job
from tests.support.telling import Story

PARTITIONS = 2
Told = list[tuple[bytes | None, bytes | None]]


def eventually(what: Callable[[], object], says: str, within: float = 60) -> None:
    """Wait until it holds."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if what():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {within:.0f} s: {says}")


class Tracker:
    """One process of the tracker with a folder and ports of its own."""

    def __init__(self, bootstrap: str, folder: Path, clock: str) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._log = folder.with_suffix(".log")
        environment = os.environ | {
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "CHASQUI_STATE_DIR": str(folder),
            "CHASQUI_INSTANCE_ID": folder.name,
            "CHASQUI_PARTITIONS": str(PARTITIONS),
            "CHASQUI_SESSION_TIMEOUT": "PT3S",
            "CHASQUI_CLOCK": clock,
            "CHASQUI_HTTP_PORT": str(self.port),
            "CHASQUI_METRICS_PORT": str(self.metrics_port),
        }
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "services.tracker"]
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def get(self, path: str, **headers: str) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.get(url, headers=headers, timeout=10)

    def metrics(self) -> dict[str, float]:
        """Every series and its value."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        lines = httpx.get(url, timeout=10).text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    def status(self, path: str) -> int | None:
        """The status of an answer; None while nobody listens."""
        assert self._process.poll() is None, self._log.read_text()[-3000:]
        try:
            return self.get(path).status_code
        except httpx.TransportError:
            return None

    def await_ready(self) -> None:
        eventually(lambda: self.status("/readyz") == 200, "the tracker is ready")

    def partitions(self) -> list[str]:
        """The partitions that it owns and that are ready."""
        if self.status("/readyz") != 200:
            return []
        told = self.get("/readyz").json()["partitions"]
        return [number for number, own in told.items() if own["ready"]]

    def end(self, signal: Signals = SIGTERM) -> int:
        """Signal and wait; answers the exit code."""
        self._process.send_signal(signal)
        return self._process.wait(30)

    def alive(self) -> bool:
        return self._process.poll() is None


class Site:
    """The topics of one Kafka, read and written with kafka-python, and the trackers on them."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.bootstrap, self._folder = bootstrap, folder
        self._trackers: list[Tracker] = []
        create_topics(bootstrap, topics_of(PARTITIONS))
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)

    def tracker(self, disk: str, clock: str = "journal", instance: str = "one") -> Tracker:
        """Start a tracker; a new `disk` is empty."""
        made = Tracker(self.bootstrap, self._folder / disk / instance, clock)
        self._trackers.append(made)
        return made

    def publish(self, *stories: Story) -> None:
        """Write the stories to the journal in the order heard, as admission does."""
        self.write(journal_record(word.event, word.heard_at) for word in in_order_heard(stories))

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            headers = list(record.headers)
            self._producer.send(record.topic, record.value, record.key, headers=headers)
        self._producer.flush(30)

    def read(self, topic: str) -> list[Record]:
        """All committed records, partition by partition."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        ends, found = consumer.end_offsets(places), []
        try:
            while any(consumer.position(place) < ends[place] for place in places):
                for batch in consumer.poll(timeout_ms=200).values():
                    found += batch
        finally:
            consumer.close()
        found.sort(key=lambda each: (each.partition, each.offset))
        return [
            Record(r.topic, r.key, r.value, tuple(r.headers), r.partition, r.offset) for r in found
        ]

    def told(self) -> dict[str, dict[int, Told]]:
        """What the trackers said, by topic and partition, in order."""
        return _by_place(
            record for topic in (DELAYS, MOVEMENTS) for record in self.read(topic.full_name)
        )

    def undisturbed(self) -> dict[str, dict[int, Told]]:
        """What a run in memory says to the same journal."""
        driver = self._in_memory()
        mine = (DELAYS.full_name, MOVEMENTS.full_name)
        return _by_place(
            record._replace(partition=partition_of(record.key or b"", PARTITIONS))
            for record in driver.outputs
            if record.topic in mine
        )

    def conflicts(self) -> tuple[Counter[bytes | None], Counter[bytes | None]]:
        """What is in quarantine, and what a run in memory puts there."""
        told = (record.value for record in self.read(QUARANTINE.full_name))
        expected = (r.value for r in self._in_memory().outputs if r.topic == QUARANTINE.full_name)
        return Counter(told), Counter(expected)

    def close(self) -> None:
        for each in self._trackers:
            if each.alive():
                each.end(SIGKILL)
        self._producer.close()

    def _in_memory(self) -> MemoryDriver:
        driver = MemoryDriver(tracker_job(partitions=PARTITIONS), whole_journal=True)
        for record in self.read(EVENTS.full_name):
            driver.feed(record)
        return driver


def _by_place(records: Iterable[Record]) -> dict[str, dict[int, Told]]:
    found: dict[str, dict[int, Told]] = {}
    for record in records:
        assert record.partition is not None
        place = found.setdefault(record.topic, {}).setdefault(record.partition, [])
        place.append((record.key, record.value))
    return found
