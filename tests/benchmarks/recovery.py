"""Seconds until the real tracker is ready again, beside the raw read of its changelog.

`python -m tests.benchmarks.recovery [--subjects N]`
"""

import argparse
import asyncio
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.clock import parse_clock
from tests.benchmarks.filling import PARTITIONS, fill
from tests.benchmarks.measure import MEASURED, broker, machine, pin, table
from tests.benchmarks.running import Tracker
from tests.support.hearing import tracker_job

Row = tuple[str, float, float, float, float, float]
_HEADER = ("", "ready s", "metric s", "CPU s", "quiet s", "CPU s", "peak MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    subjects = parser.parse_args().subjects
    with TemporaryDirectory() as folder, broker(Path(folder) / "kafka") as kafka:
        now = parse_clock("wall").wall()
        deadlines = [now + timedelta(days=1, milliseconds=300 * n) for n in range(subjects)]
        began = time.perf_counter()
        fill(kafka.bootstrap, deadlines, now)
        print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        rows = [_raw(kafka.bootstrap)]
        for disk in ("empty", "warm", "warm again"):
            rows.append(_recover(kafka.bootstrap, Path(folder) / "tracker", disk))
            print(rows[-1], file=sys.stderr)
    print(f"{subjects:,} subjects in {PARTITIONS} partitions; {machine()}")
    print(table(_HEADER, rows))


def _recover(bootstrap: str, folder: Path, disk: str) -> tuple[object, ...]:
    with Tracker(bootstrap, folder) as tracker:
        ready, used = tracker.await_ready(), tracker.cpu
        recovering = tracker.metrics()['chasqui_table_recovery_seconds_sum{service="tracker"}']
        quiet = tracker.await_quiet()
        return (
            f"{disk} disk", ready, recovering / PARTITIONS, used, quiet, tracker.cpu,
            tracker.memory / 1e6,
        )  # fmt: skip


def _raw(bootstrap: str) -> tuple[object, ...]:
    """An aiokafka consumer that only counts, in a process of its own on the same core."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        seconds, used, peak, count, size = pool.submit(_read, bootstrap).result()
    return (f"raw read, {count:,} of {size / 1e9:.2f} GB", seconds, "", used, "", "", peak / 1e6)


def _read(bootstrap: str) -> tuple[float, float, int, int, int]:
    pin(MEASURED)
    began, used = time.perf_counter(), time.process_time()
    count, size = asyncio.run(_count(bootstrap))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return time.perf_counter() - began, time.process_time() - used, peak, count, size


async def _count(bootstrap: str) -> tuple[int, int]:
    changelog = tracker_job(partitions=PARTITIONS).changelog
    places = [TopicPartition(changelog, number) for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    consumer.assign(places)
    ends, count, size = await consumer.end_offsets(places), 0, 0
    while any([await consumer.position(place) < ends[place] for place in places]):
        for records in (await consumer.getmany(timeout_ms=100)).values():
            count += len(records)
            size += sum(record.serialized_value_size for record in records)
    await consumer.stop()
    return count, size


if __name__ == "__main__":
    main()
