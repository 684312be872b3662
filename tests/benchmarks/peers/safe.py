"""Finds what a contestant made safe, so that nobody is fast by being wrong."""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from tests.benchmarks.peers.events import PARTITIONS, Expected
from tests.benchmarks.peers.fold import State, decode, encode
from tests.benchmarks.peers.heat import Heat

_DEADLINE_BYTES = 8
"""What this engine puts before each state."""


def wrong(states: Mapping[str, State], alerts: int, expected: Expected) -> str:
    """What is not as it must be; empty when all is."""
    counts = {key: state.count for key, state in states.items()}
    newest = {key: state.last[-1].id for key, state in states.items()}
    bad = sum(counts.get(key) != count for key, count in expected.counts.items())
    old = sum(newest.get(key) != event_id for key, event_id in expected.newest.items())
    said = []
    if bad or len(counts) != len(expected.counts):
        said.append(f"{bad} of {len(expected.counts)} counts are wrong, {len(counts)} keys")
    if old:
        said.append(f"{old} keys do not know their last event")
    if alerts != expected.alerts:
        said.append(f"{alerts} alerts instead of {expected.alerts}")
    return "; ".join(said)


def decoded(states: Iterable[bytes]) -> dict[str, State]:
    """By shipment."""
    return {state.shipment_id: state for state in map(decode, states)}


def alerts(heat: Heat) -> int:
    return sum(1 for _ in _read(heat, heat.alerts))


def of_engine(heat: Heat) -> Iterator[bytes]:
    """From its changelog, where a partition's progress stands too."""
    lines = _latest(heat, f"chasqui.{heat.name}.changelog").items()
    return (value[_DEADLINE_BYTES:] for key, value in lines if not key.startswith(b"\0"))


def of_streams(heat: Heat) -> Iterator[bytes]:
    return iter(_latest(heat, f"{heat.name}-states-changelog").values())


def of_quix(heat: Heat) -> Iterator[bytes]:
    return iter(_latest(heat, f"changelog__{heat.name}--{heat.topic}--default").values())


def of_faust(heat: Heat) -> Iterator[bytes]:
    return iter(_latest(heat, f"{heat.name}-states-changelog").values())


def of_raw(heat: Heat) -> Iterator[bytes]:
    return iter((heat.folder / "states").read_bytes().splitlines())


def alerts_of_raw(heat: Heat) -> int:
    return len((heat.folder / "alerts").read_bytes().splitlines())


def of_bytewax(heat: Heat) -> Iterator[bytes]:
    """From its recovery store, where the newest snapshot of a key counts."""
    store = sqlite3.connect(heat.folder / "part-0.sqlite3")
    found = store.execute(
        "SELECT ser_change, max(snap_epoch) FROM snaps"
        " WHERE step_id LIKE '%fold%' GROUP BY state_key"
    )
    return (encode(pickle.loads(change)) for change, _ in found)


def _latest(heat: Heat, topic: str) -> dict[bytes, bytes]:
    return {record.key: record.value for record in _read(heat, topic)}


def _read(heat: Heat, topic: str) -> Iterator[Any]:
    """All records that a reader of what is committed sees."""
    consumer = KafkaConsumer(
        bootstrap_servers=heat.kafka,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    try:
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                yield from records
    finally:
        consumer.close()
