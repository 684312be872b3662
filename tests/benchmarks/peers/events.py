"""The events of the contest: always the same ones."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from services.runtime.moments import to_ms
from services.runtime.partition import partition_of
from services.runtime.topics import TopicSpec, create_topics
from tests.benchmarks.peers.fold import Event, EventType

PARTITIONS = 4
KEYS = 20_000
_TYPES: tuple[EventType, ...] = (
    "PICKED_UP",
    "DEPARTED",
    "ARRIVED",
    "OUT_FOR_DELIVERY",
    "DELIVERED",
)
_BEGINNING = datetime(2026, 1, 5, tzinfo=UTC)
_BATCH_BYTES = 512 * 1024


@dataclass
class Expected:
    """What every contestant must have in the end."""

    counts: Counter[str] = field(default_factory=Counter)
    newest: dict[str, str] = field(default_factory=dict)
    """The id of each shipment's last event."""
    alerts: int = 0


def publish(kafka: str, topic: str, count: int) -> Expected:
    """Write the first so many events to a new topic, each to the partition of its key."""
    create_topics(kafka, [TopicSpec(topic, PARTITIONS)])
    return asyncio.run(_publish(kafka, topic, count))


def events(count: int) -> Iterator[tuple[Event, bytes]]:
    """Events of about 400 bytes, and their bytes."""
    chance, seqs = Random(7), [0] * KEYS
    for number in range(count):
        key = chance.randrange(KEYS)
        seqs[key] += 1
        occurred_at = _BEGINNING + timedelta(milliseconds=10 * number)
        event = Event.model_construct(
            event_id=f"{chance.getrandbits(128):032x}",
            shipment_id=f"SHP-{key:07d}",
            seq=seqs[key],
            type=_TYPES[seqs[key] % len(_TYPES)],
            occurred_at=occurred_at,
            recorded_at=occurred_at + timedelta(seconds=chance.randrange(70)),
            facility=f"HUB-{chance.randrange(300):03d}-QUITO-NORTH",
            carrier="TRANSANDES-CARGA",
            lat=round(chance.uniform(-4, 1), 6),
            lon=round(chance.uniform(-81, -75), 6),
            weight_kg=round(chance.uniform(1, 900), 2),
            temp_c=round(chance.uniform(-20, 30), 1),
            note="handled with care at the northern gate of the hub, seal untouched",
        )
        yield event, orjson.dumps(event.__dict__)


async def _publish(kafka: str, topic: str, count: int) -> Expected:
    expected = Expected()
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, max_batch_size=_BATCH_BYTES, enable_idempotence=True
    ) as producer:
        batches: dict[int, Any] = {}
        for event, value in events(count):
            key = event.shipment_id
            expected.counts[key] += 1
            expected.newest[key] = event.event_id
            expected.alerts += event.event_id < "0d"
            headers = [("at", b"%d" % to_ms(event.recorded_at))]
            part = partition_of(key.encode(), PARTITIONS)
            line = {"key": key.encode(), "value": value, "timestamp": None, "headers": headers}
            batch = batches.setdefault(part, producer.create_batch())
            if batch.append(**line) is None:
                await producer.send_batch(batch, topic, partition=part)
                batch = batches[part] = producer.create_batch()
                batch.append(**line)
        for part, batch in batches.items():
            await producer.send_batch(batch, topic, partition=part)
        await producer.flush()
    return expected
