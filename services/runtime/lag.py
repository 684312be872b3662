"""How far a service is behind what was written."""

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.clock import Clock
from services.runtime.metrics import RuntimeMetrics
from services.runtime.task import Task


async def behind(consumer: AIOKafkaConsumer, place: TopicPartition) -> int | None:
    """Offsets not read yet, as last told by the broker; None before it told.

    The position counts, not the last record: behind it may be a marker of a transaction.
    """
    end: int | None = consumer.last_stable_offset(place)
    return None if end is None else max(0, end - await consumer.position(place))


async def measure(
    consumer: AIOKafkaConsumer, tasks: Iterable[Task], metrics: RuntimeMetrics, clock: Clock
) -> None:
    """Set the gauges of lag, freshness and tables."""
    tasks = list(tasks)
    places = [place for task in tasks if task.ready for place in task.inputs]
    read_at = {place: at for task in tasks for place, at in task.read_at.items()}
    for topic, (records, seconds) in metrics.lag.items():
        counts = {p: await behind(consumer, p) or 0 for p in places if p.topic == topic}
        oldest = min(
            (read_at[p] for p, count in counts.items() if count and p in read_at), default=0
        )
        records.set(sum(counts.values()))
        seconds.set(clock.wall().timestamp() - oldest / 1000 if oldest else 0)
    metrics.last_event.set(max(read_at.values(), default=0) / 1000)
    metrics.keys.set(sum(task.partition.keys for task in tasks))
    metrics.recovering.set(sum(not task.ready for task in tasks))
