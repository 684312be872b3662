"""Counting processes on a real Kafka, and what they must have written by the memory driver."""

import asyncio
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGTERM, Signals

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from services.runtime.memory import MemoryDriver
from services.runtime.processor import Record
from services.runtime.topics import create_topics
from tests.integration.runtime.program import counting_on, topics_of

PARTITIONS = 3
SESSION_SECONDS = 3
Lines = dict[int, list[tuple[bytes | None, bytes | None]]]


def eventually(what: Callable[[], bool], within: float = 40) -> None:
    """Wait until it holds."""
    for _ in range(int(within / 0.2)):
        if what():
            return
        time.sleep(0.2)
    raise AssertionError(f"not within {within} s: {what}")


async def eventually_async(what: Callable[[], bool], within: float = 40) -> None:
    """Let the loop run until it holds."""
    for _ in range(int(within / 0.05)):
        if what():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {within} s: {what}")


class Worker:
    """A counting process under test, with the state folder and instance id it was given."""

    def __init__(self, kafka: str, name: str, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.log = folder.with_suffix(".log")
        self._environment = os.environ | {
            "COUNTING_NAME": name,
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "CHASQUI_STATE_DIR": str(folder),
            "CHASQUI_PARTITIONS": str(PARTITIONS),
            "CHASQUI_INSTANCE_ID": folder.name,
            "CHASQUI_SESSION_TIMEOUT": f"PT{SESSION_SECONDS}S",
            **settings,
        }
        self._process = self._start()

    def restart(self) -> None:
        self._process = self._start()

    def signal(self, number: Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: Signals = SIGTERM) -> int:
        """Signal and wait; answers the exit code."""
        self.signal(number)
        return self.exit_code()

    def exit_code(self, within: float = 40) -> int:
        return self._process.wait(within)

    def alive(self) -> bool:
        return self._process.poll() is None

    def says(self, text: str) -> int:
        """How often it said so, over all its starts."""
        return self.log.read_text().count(text)

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.integration.runtime.program"]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)


class World:
    """The topics of one test, seen from outside with kafka-python."""

    def __init__(self, kafka: str, name: str, folder: Path) -> None:
        self.kafka, self.name, self.folder = kafka, name, folder
        self.job = counting_on(name, PARTITIONS)
        self.workers: list[Worker] = []
        self._producer: KafkaProducer | None = None

    def worker(self, folder: str, **settings: str) -> Worker:
        self.workers.append(Worker(self.kafka, self.name, self.folder / folder, **settings))
        return self.workers[-1]

    def make_topics(self) -> None:
        create_topics(self.kafka, topics_of(self.job))

    def publish(self, key: bytes, at_ms: int, value: bytes = b"x") -> None:
        if self._producer is None:
            self._producer = KafkaProducer(bootstrap_servers=self.kafka, acks="all", linger_ms=5)
        headers = [("at", b"%d" % at_ms)]
        self._producer.send(str(self.job.journal), value, key, headers=headers)

    def flush(self) -> None:
        if self._producer is not None:
            self._producer.flush()

    def close(self) -> None:
        for worker in self.workers:
            if worker.alive():
                worker.signal(SIGCONT)
                worker.end(SIGKILL)
        if self._producer is not None:
            self._producer.close()

    def read(self, topic: str) -> list[Record]:
        """All committed records, partition by partition."""
        consumer = KafkaConsumer(
            bootstrap_servers=self.kafka, isolation_level="read_committed",
            enable_auto_commit=False, auto_offset_reset="earliest",
        )  # fmt: skip
        try:
            places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            records = []
            while any(consumer.position(place) < ends[place] for place in places):
                for batch in consumer.poll(timeout_ms=200).values():
                    records += batch
        finally:
            consumer.close()
        records.sort(key=lambda r: (r.partition, r.offset))
        return [
            Record(r.topic, r.key, r.value, tuple(r.headers), r.partition, r.offset)
            for r in records
        ]

    def written(self, topic: str) -> Lines:
        lines: Lines = defaultdict(list)
        for record in self.read(topic):
            lines[record.partition or 0].append((record.key, record.value))
        return lines

    def expected(self) -> Lines:
        """What the memory driver says to the journal as it stands, ticks included."""
        driver, lines = MemoryDriver(self.job), defaultdict(list)
        for record in self.read(str(self.job.journal)):
            for each in driver.feed(record):
                if each.topic != self.job.quarantine:
                    lines[record.partition or 0].append((each.key, each.value))
        return lines

    def settled(self) -> bool:
        return self.written(f"{self.name}.counts") == self.expected()
