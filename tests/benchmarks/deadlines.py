"""Seconds from a deadline, and from an event's acceptance, to the delay that others can read.

`python -m tests.benchmarks.deadlines [--subjects N --rate N --seconds N --events N]`: the real
tracker on the measured core with so many open movements, of which `rate` a second become late;
then an edge beside it that accepts events which make a delay at once.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import DELAYS, TOPICS
from services.runtime.clock import parse_clock
from services.runtime.topics import TopicSpec, create_topics
from tests.benchmarks.edge import Edge, edge
from tests.benchmarks.filling import PARTITIONS, fill, key_of, subject_id
from tests.benchmarks.measure import LOAD, broker, machine, pin, quantile, table
from tests.benchmarks.running import Tracker
from tests.support.telling import OWNER

_HEADER = ("", "delays", "p50 ms", "p99 ms", "worst ms", "CPU s", "of s", "peak MB")
_PATIENCE_SECONDS = 120
_FAR = timedelta(days=1)
_EVENTS_A_SECOND = 50
Arrivals = dict[bytes, float]
"""Unix seconds by key."""


async def read_delays(bootstrap: str, ended: Callable[[Arrivals], bool]) -> Arrivals:
    """When a reader that sees only what was committed got the first delay of each key.

    Reads until it has ended, or for so long that the rest will never come.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    count = DELAYS.partitions or PARTITIONS
    consumer.assign([TopicPartition(DELAYS.full_name, p) for p in range(count)])
    came_at: Arrivals = {}
    until = time.time() + _PATIENCE_SECONDS
    while not ended(came_at) and time.time() < until:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            at, until = time.time(), time.time() + _PATIENCE_SECONDS
            for record in records:
                came_at.setdefault(record.key, at)
    await consumer.stop()
    return came_at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=2000, help="deadlines a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--lead", type=int, default=0, help="seconds to be ready in; 0: by size")
    parser.add_argument("--events", type=int, default=1000)
    asked = parser.parse_args()
    with TemporaryDirectory() as name, broker(Path(name) / "kafka") as kafka:
        create_topics(kafka.bootstrap, [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS])
        rows = measure(kafka.bootstrap, Path(name), asked)
    print(f"{asked.subjects:,} open movements in {PARTITIONS} partitions; {machine()}")
    print(table(_HEADER, rows))


def measure(bootstrap: str, folder: Path, asked: argparse.Namespace) -> list[Sequence[object]]:
    now = parse_clock("wall").wall()
    start = now + timedelta(seconds=asked.lead or 60 + asked.subjects // 3000)
    due = [start + timedelta(seconds=n / asked.rate) for n in range(asked.rate * asked.seconds)]
    rest = asked.subjects - len(due)
    far = [now + _FAR + timedelta(milliseconds=300 * n) for n in range(rest)]
    fill(bootstrap, [_to_the_ms(moment) for moment in due] + far, now)
    with Tracker(bootstrap, folder / "tracker") as tracker:
        ready, quiet = tracker.await_ready(), tracker.await_quiet()
        left = start.timestamp() - time.time()
        print(f"ready after {ready:.0f} s, quiet after {quiet:.0f}, {left:.0f} s early")
        print(f"{tracker.memory / 1e6:.0f} MB until then", file=sys.stderr)
        _sleep_until(start.timestamp() - 2)
        ticked = _ticked(bootstrap, tracker, due, asked.rate)
        print(*ticked, file=sys.stderr)
        return [ticked, _told(bootstrap, tracker, folder, asked)]


def _ticked(
    bootstrap: str, tracker: Tracker, due: Sequence[datetime], rate: int
) -> Sequence[object]:
    """Nothing is sent: time alone makes these movements late."""
    began, used = time.time(), tracker.cpu
    wanted = {key_of(number): moment.timestamp() for number, moment in enumerate(due)}
    came_at = asyncio.run(read_delays(bootstrap, lambda came: len(came) >= len(wanted)))
    seconds = [came_at[key] - at for key, at in wanted.items() if key in came_at]
    name = f"deadlines, {rate:,} a second"
    return _row(name, seconds, tracker.cpu - used, time.time() - began, tracker.memory)


def _told(
    bootstrap: str, tracker: Tracker, folder: Path, asked: argparse.Namespace
) -> Sequence[object]:
    """Each event reports damage, of a movement of its own that nothing was late of."""
    numbers = range(asked.subjects - asked.events, asked.subjects)
    with edge("services.ingest", bootstrap, folder) as entry:
        pin(LOAD, entry.process.pid)
        began, used = time.time(), tracker.cpu
        answered_at, came_at = asyncio.run(_exchange(bootstrap, entry, numbers))
    seconds = [came_at[key] - at for key, at in answered_at.items() if key in came_at]
    name = f"accepted events, {_EVENTS_A_SECOND} a second"
    return _row(name, seconds, tracker.cpu - used, time.time() - began, tracker.memory)


async def _exchange(
    bootstrap: str, entry: Edge, numbers: Sequence[int]
) -> tuple[Arrivals, Arrivals]:
    """When each event was answered, and when its delay came."""
    keys = {key_of(number) for number in numbers}
    reading = asyncio.create_task(read_delays(bootstrap, keys.issubset))
    await asyncio.sleep(2)
    answered_at: Arrivals = {}
    headers = {"authorization": f"Bearer {entry.key}", "content-type": "application/json"}
    url = f"http://127.0.0.1:{entry.port}/v1/events"

    async def send(client: httpx.AsyncClient, number: int) -> None:
        answer = await client.post(url, content=_damaged(number), headers=headers)
        assert answer.status_code == HTTPStatus.ACCEPTED, answer.text
        answered_at[key_of(number)] = time.time()

    async with httpx.AsyncClient(timeout=60) as client, asyncio.TaskGroup() as sending:
        for number in numbers:
            sending.create_task(send(client, number))
            await asyncio.sleep(1 / _EVENTS_A_SECOND)
    return answered_at, await reading


def _damaged(number: int) -> bytes:
    """A hand-over of which one piece is damaged."""
    at = parse_clock("wall").wall()
    event = {
        "schema_version": 1,
        "event_id": f"damaged-{number}",
        "publisher": OWNER,
        "kind": "shipment",
        "subject_id": subject_id(number),
        "type": "handed_over",
        "classifier": "actual",
        "occurred_at": at.isoformat(),
        "recorded_at": at.isoformat(),
        "lines": [{"line": 1, "accepted": 1, "damaged": 1}],
    }
    return json.dumps(event).encode()


def _row(
    name: str, seconds: Sequence[float], cpu: float, took: float, memory: int
) -> Sequence[object]:
    shares = (quantile(seconds, share) * 1000 for share in (0.5, 0.99, 1.0))
    return (name, len(seconds), *shares, cpu, took, memory / 1e6)


def _to_the_ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.time()))


if __name__ == "__main__":
    main()
