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
    consumer: AIOKafkaConsumer, read_at: Mapping[TopicPartition, int], clock: Clock
) -> tuple[int, float]:
    """Offsets not read yet of all places, and their age in seconds; both 0 when caught up.

    `read_at` is when the record read last of each place was appended, wall ms, or since when it is
    read at all; the age is that of the one longest ago among the places that are behind.
    """
    counts = {place: await behind(consumer, place) or 0 for place in read_at}
    now = clock.wall().timestamp()
    ages = (now - read_at[place] / 1000 for place, count in counts.items() if count)
    return sum(counts.values()), max(ages, default=0.0)


async def measure(
    consumer: AIOKafkaConsumer, tasks: Iterable[Task], metrics: RuntimeMetrics, clock: Clock
) -> None:
    """Set the gauges of lag, freshness and tables."""
    tasks = list(tasks)
    read_at = {
        place: task.read_at.get(place, task.opened_at)
        for task in tasks
        if task.ready
        for place in task.inputs
    }
    for topic, (records, seconds) in metrics.lag.items():
        own = {place: at for place, at in read_at.items() if place.topic == topic}
        count, age = await lag_of(consumer, own, clock)
        records.set(count)
        seconds.set(age)
    last = max((at for task in tasks for at in task.read_at.values()), default=0)
    metrics.last_event.set(last / 1000)
    metrics.keys.set(sum(task.partition.keys for task in tasks))
    metrics.recovering.set(sum(not task.ready for task in tasks))
