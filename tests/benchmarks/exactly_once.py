"""What transactions cost against a commit that is only ordered: at full load, and in latency.

`python -m tests.benchmarks.exactly_once [--rounds N --events N --seconds N]`: the engine as it is
and with `tests.support.at_least_once`, in turns. At full load it runs the fold of the peers; for
the latency a job that answers each event with one record, from before the event is sent until a
reader of what is committed has the answer.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.runtime.topics import create_topics
from tests.benchmarks.measure import broker, cpu_seconds, machine, median, pinned, quantile, table
from tests.benchmarks.peers.contest import Figures, heat_of, run
from tests.benchmarks.peers.contestants import CONTESTANTS
from tests.benchmarks.peers.events import publish
from tests.integration.runtime.program import counting_on, topics_of

PARTITIONS = 6
RATES = (20, 500, 5000)
_PROGRAM = "tests.integration.runtime.program"
_COMMANDS = {
    "exactly once": [sys.executable, "-m", _PROGRAM],
    "at least once": [sys.executable, "-m", "tests.support.at_least_once", _PROGRAM],
}
_ENGINES = dict(zip(_COMMANDS, CONTESTANTS[:2], strict=True))
_BURST_SECONDS = 0.005
_PATIENCE_SECONDS = 60
Latency = tuple[float, float, float]
"""Milliseconds p50 and p99, and CPU seconds per second."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=400_000)
    parser.add_argument("--seconds", type=int, default=10)
    asked = parser.parse_args()
    with TemporaryDirectory() as name, broker(Path(name) / "kafka") as kafka:
        full = _full_load(kafka.bootstrap, Path(name), asked.events, asked.rounds)
        waits = _latencies(kafka.bootstrap, Path(name), asked.seconds, asked.rounds)
    print(f"{machine()}; medians of {asked.rounds} rounds in turns")
    print(table(("at full load", "events/s", "CPU s/100k", "peak MB"), _full_rows(full)))
    print(table(("", "events/s", "p50 ms", "p99 ms", "CPU %"), _latency_rows(waits)))


def _full_load(
    bootstrap: str, folder: Path, events: int, rounds: int
) -> Mapping[str, list[Figures]]:
    results = defaultdict(list)
    topic = heat_of(CONTESTANTS[0], 0, bootstrap, events, folder).topic
    expected = publish(bootstrap, topic, events)
    for number in range(1, rounds + 1):
        for way, contestant in _ENGINES.items():
            heat = heat_of(contestant, number, bootstrap, events, folder)
            figures = run(contestant, heat, expected)
            assert not figures.wrong, figures.wrong
            results[way].append(figures)
            shutil.rmtree(heat.folder)
            print(number, way, figures.per_second, figures.cpu_per_100k, file=sys.stderr)
    return results


def _full_rows(results: Mapping[str, Sequence[Figures]]) -> Iterator[list[object]]:
    for way, turns in results.items():
        yield [
            way,
            median(each.per_second for each in turns),
            median(each.cpu_per_100k for each in turns),
            median(each.peak_mb for each in turns),
        ]


def _latencies(
    bootstrap: str, folder: Path, seconds: int, rounds: int
) -> Mapping[tuple[int, str], list[Latency]]:
    results = defaultdict(list)
    for number in range(1, rounds + 1):
        for rate in RATES:
            for way, command in _COMMANDS.items():
                name = f"{way.replace(' ', '-')}-{rate}-{number}"
                with _counting(command, bootstrap, folder / name, name) as pid:
                    found = asyncio.run(_exchange(bootstrap, name, rate, seconds, pid))
                results[rate, way].append(found)
                print(number, rate, way, *found, file=sys.stderr)
    return results


def _latency_rows(
    results: Mapping[tuple[int, str], Sequence[Latency]],
) -> Iterator[list[object]]:
    for (rate, way), turns in results.items():
        yield [way, rate, *(median(column) for column in zip(*turns, strict=True))]


@contextmanager
def _counting(command: Sequence[str], bootstrap: str, folder: Path, name: str) -> Iterator[int]:
    """A process of the counting job that is ready; its process id."""
    create_topics(bootstrap, topics_of(counting_on(name, PARTITIONS)))
    environment = os.environ | {
        "COUNTING_NAME": name,
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "CHASQUI_STATE_DIR": str(folder),
        "CHASQUI_PARTITIONS": str(PARTITIONS),
        "CHASQUI_CLOCK": "journal",
    }
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(pinned(command), env=environment, stdout=output, stderr=output)
    try:
        until = time.perf_counter() + _PATIENCE_SECONDS
        while log.read_text().count("partition ready") < PARTITIONS:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.perf_counter() < until, "not ready"
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


async def _exchange(bootstrap: str, name: str, rate: int, seconds: int, pid: int) -> Latency:
    """Send so many events a second, each of a key of its own; the first second is not counted."""
    sent_at: dict[bytes, float] = {}
    count = rate * (seconds + 1)
    reading = asyncio.create_task(_came_at(bootstrap, f"{name}.counts", count))
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    began, used = time.perf_counter(), cpu_seconds(pid)
    while len(sent_at) < count:
        for number in range(len(sent_at), min(count, _due(began, rate))):
            key = b"key/%d" % number
            sent_at[key] = time.perf_counter()
            headers = [("at", b"1000")]
            await producer.send(f"{name}.journal", b"x" * 400, key, headers=headers)
        await asyncio.sleep(_BURST_SECONDS)
    await producer.stop()
    came_at = await reading
    share = (cpu_seconds(pid) - used) / (time.perf_counter() - began)
    waits = [came_at[key] - sent_at[key] for key in list(sent_at)[rate:]]
    return quantile(waits, 0.5) * 1000, quantile(waits, 0.99) * 1000, share * 100


def _due(began: float, rate: int) -> int:
    return int((time.perf_counter() - began) * rate)


async def _came_at(bootstrap: str, topic: str, count: int) -> dict[bytes, float]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
    came_at: dict[bytes, float] = {}
    while len(came_at) < count:
        for records in (await consumer.getmany(timeout_ms=1000)).values():
            at = time.perf_counter()
            came_at.update((record.key, at) for record in records)
    await consumer.stop()
    return came_at


if __name__ == "__main__":
    main()
