"""How far a service is behind what was written."""

from collections.abc import Iterable, Mapping

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


async def lag_of(
    consumer: AIOKafkaConsumer,
    places: Iterable[TopicPartition],
    read_at: Mapping[TopicPartition, int],
    clock: Clock,
) -> tuple[int, float]:
    """Offsets not read yet of the places together, and their age in seconds, 0 when caught up.

    `read_at` is when the record read last of each was appended, wall ms; the age is counted from
    the oldest of these among the places that are behind.
    """
    counts = {place: await behind(consumer, place) or 0 for place in places}
    oldest = min((read_at[p] for p, count in counts.items() if count and p in read_at), default=0)
    seconds = clock.wall().timestamp() - oldest / 1000 if oldest else 0.0
    return sum(counts.values()), seconds


async def measure(
    consumer: AIOKafkaConsumer, tasks: Iterable[Task], metrics: RuntimeMetrics, clock: Clock
) -> None:
    """Set the gauges of lag, freshness and tables."""
    tasks = list(tasks)
    places = [place for task in tasks if task.ready for place in task.inputs]
    read_at = {place: at for task in tasks for place, at in task.read_at.items()}
    for topic, (records, seconds) in metrics.lag.items():
        own = [place for place in places if place.topic == topic]
        count, age = await lag_of(consumer, own, read_at, clock)
        records.set(count)
        seconds.set(age)
    metrics.last_event.set(max(read_at.values(), default=0) / 1000)
    metrics.keys.set(sum(task.partition.keys for task in tasks))
    metrics.recovering.set(sum(not task.ready for task in tasks))
