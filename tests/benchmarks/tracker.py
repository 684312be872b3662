"""What an event costs the real tracker, stage by stage: in memory, then on a real Kafka.

`python -m tests.benchmarks.tracker [--subjects N]`: a realistic journal, some 8 events a subject.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer

from schemas.topics import EVENTS, TOPICS
from services.cli.log_reader import lag
from services.runtime.garbage import collect_seldom
from services.runtime.job import Job
from services.runtime.memory import MemoryStore
from services.runtime.partition import Partition, partition_of
from services.runtime.processor import Record
from services.runtime.topics import TopicSpec, create_topics
from services.tracker.codec import StructCodec
from services.tracker.core.movement import Movement
from services.tracker.processors import MovementsProcessor
from tests.benchmarks.codecs import HEADER, codec_rows
from tests.benchmarks.filling import PARTITIONS
from tests.benchmarks.measure import MEASURED, broker, machine, pin, table
from tests.benchmarks.realistic import realistic_journal
from tests.benchmarks.running import Tracker
from tests.benchmarks.stages import STAGES, Sampler
from tests.support.hearing import tracker_job

_FLUSH = 500
"""Events between two flushes in memory."""
_SHOWN = 2000
_GROUP = "chasqui.tracker"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=20_000)
    parser.add_argument("--no-kafka", action="store_true", help="in memory alone")
    asked = parser.parse_args()
    pin(MEASURED)
    journal = realistic_journal(asked.subjects)
    print(f"{len(journal):,} events of {asked.subjects:,} subjects; {machine()}")
    print(table(("in memory", "us/event", "%"), _split(*_in_memory(journal), len(journal))))
    states = _states(journal)
    print("\n" + table(HEADER, codec_rows(journal[:_SHOWN], states)))
    print(f"\na state decoded takes {_decoded_bytes(states):,.0f} bytes of memory\n")
    if not asked.no_kafka:
        seconds, samples = _on_kafka(journal)
        print(table(("on Kafka", "us/event", "%"), _split(seconds, samples, len(journal))))
        print(f"{seconds / len(journal) * 1e5:.2f} CPU seconds for 100,000 events")


def _in_memory(journal: Sequence[Record]) -> tuple[float, Counter[str]]:
    """The processors in a partition without Kafka and without a disk.

    At each flush they are handed what they wrote for each other, as it comes back from Kafka.
    """
    job, store, sampler = tracker_job(), MemoryStore(), Sampler()
    partition = Partition(job, 0, store)
    collect_seldom()
    sampler.start()
    began = time.process_time()
    for number, record in enumerate(journal, start=1):
        partition.handle(record)
        if number % _FLUSH == 0:
            _flush(partition, store, job)
    while _flush(partition, store, job):
        pass
    seconds = time.process_time() - began
    sampler.stop()
    assert not partition.failures, partition.failures[0]
    return seconds, sampler.samples


def _flush(partition: Partition, store: MemoryStore, job: Job) -> bool:
    """Whether anything was handed on."""
    effects = partition.take()
    store.update({key: value for key, value in effects.writes.items() if value})
    partition.settle()
    onward = [record for record in effects.outputs if record.topic in job.readers]
    for record in onward:
        partition.handle(record._replace(partition=0))
    return bool(onward)


def _split(seconds: float, samples: Counter[str], events: int) -> list[Sequence[object]]:
    """CPU by stage, as its share of the samples."""
    taken, an_event = sum(samples.values()) or 1, seconds / events * 1e6
    shares = [(stage, samples[stage] / taken) for stage in STAGES if samples[stage]]
    rows = [(stage, an_event * share, 100 * share) for stage, share in shares]
    return [*rows, ("all", an_event, 100.0)]


def _states(journal: Sequence[Record]) -> list[Movement]:
    """States that the beginning of the journal leaves."""
    partition = Partition(tracker_job(), 0, MemoryStore())
    for record in journal[: 8 * _SHOWN]:
        partition.handle(record)
    states = [state for _, state in partition.scan(MovementsProcessor.name)]
    return states[:_SHOWN]


def _decoded_bytes(states: Sequence[Movement]) -> float:
    codec = StructCodec(Movement)
    stored = [codec.encode(state) for state in states]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [codec.decode(value) for value in stored]
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(kept)


def _on_kafka(journal: Sequence[Record]) -> tuple[float, Counter[str]]:
    """The tracker's own process, from when it is ready and idle to when all is committed."""
    with TemporaryDirectory() as name, broker(Path(name) / "kafka") as kafka:
        bootstrap, stages = kafka.bootstrap, Path(name) / "stages.json"
        create_topics(bootstrap, [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS])
        settings = {"STAGES_FILE": str(stages), "CHASQUI_CLOCK": "journal"}
        module = "tests.benchmarks.sampled_tracker"
        with Tracker(bootstrap, Path(name) / "tracker", module=module, **settings) as tracker:
            tracker.await_ready()
            tracker.await_quiet()
            tracker.send(signal.SIGHUP)
            used, began = tracker.cpu, time.perf_counter()
            asyncio.run(_publish(bootstrap, journal))
            while lag(bootstrap, _GROUP, EVENTS.full_name):
                time.sleep(0.5)
            seconds, wall = tracker.cpu - used, time.perf_counter() - began
            print(f"{wall:.0f} s, {tracker.memory / 1e6:.0f} MB at most", file=sys.stderr)
        return seconds, Counter(json.loads(stages.read_text()))


async def _publish(bootstrap: str, journal: Sequence[Record]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20)
    await producer.start()
    for record in journal:
        place = partition_of(record.key or b"", PARTITIONS)
        headers = list(record.headers)
        await producer.send(record.topic, record.value, record.key, place, headers=headers)
    await producer.stop()


if __name__ == "__main__":
    main()
