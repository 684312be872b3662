"""The limits: the fold alone, and aiokafka with the fold and a dict; nothing is made safe.

`objects` keeps states as they are, `bytes` encoded, as whoever makes them safe must.
"""

import asyncio
import sys
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.benchmarks.peers.events import PARTITIONS, events
from tests.benchmarks.peers.fold import State, encode, fold, fold_bytes
from tests.benchmarks.peers.heat import Heat, Marks

Handle = Callable[[bytes, bytes], None]


def main() -> None:
    kept, source = sys.argv.pop(1), sys.argv.pop(1)
    heat = Heat.given()
    states: dict[bytes, bytes] = {}
    objects: dict[bytes, State] = {}
    alerts: list[bytes] = []

    def keep_bytes(key: bytes, value: bytes) -> None:
        states[key], alert = fold_bytes(states.get(key), value)
        if alert is not None:
            alerts.append(alert)

    def keep_objects(key: bytes, value: bytes) -> None:
        objects[key], alert = fold(objects.get(key), value)
        if alert is not None:
            alerts.append(alert)

    handle = keep_bytes if kept == "bytes" else keep_objects
    if source == "alone":
        _alone(heat, handle)
    else:
        asyncio.run(_consume(heat, handle))
    states |= {key: encode(state) for key, state in objects.items()}
    heat.folder.mkdir()
    (heat.folder / "states").write_bytes(b"\n".join(states.values()))
    (heat.folder / "alerts").write_bytes(b"\n".join(alerts))


def _alone(heat: Heat, handle: Handle) -> None:
    told = [(event.shipment_id.encode(), value) for event, value in events(heat.events)]
    marks = Marks(heat.events)
    for key, value in told:
        marks.before()
        handle(key, value)
        marks.after()


async def _consume(heat: Heat, handle: Handle) -> None:
    marks = Marks(heat.events)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=heat.kafka,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    async with consumer:
        consumer.assign([TopicPartition(heat.topic, number) for number in range(PARTITIONS)])
        ended = False
        while not ended:
            for records in (await consumer.getmany(timeout_ms=100)).values():
                for record in records:
                    marks.before()
                    handle(record.key, record.value)
                    ended = marks.after()


if __name__ == "__main__":
    main()
