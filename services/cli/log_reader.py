"""Topics read as an operator reads them: committed records, up to the end as it is now."""

from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)

from services.cli.errors import CommandError
from services.cli.kafka_clients import administering, reading

_POLL_MS = 500
_IDLE_POLLS = 120
_MARKERS_LOOKED_FOR = 20
_NO_COORDINATOR_YET = (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)
"""A group that was never there before; Kafka makes its place when it is first asked for."""


def partitions_of(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """The partitions of a topic, in order; CommandError when it does not exist."""
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        message = f"The topic {topic} does not exist there yet."
        raise CommandError(message)
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def records_to_end(
    consumer: KafkaConsumer, partitions: list[TopicPartition]
) -> Iterator[ConsumerRecord]:
    """All records that are there now, partition after partition, in the order of their offsets."""
    ends = consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        yield from _partition_to(consumer, partition, ends[partition])


def _partition_to(
    consumer: KafkaConsumer, partition: TopicPartition, end: int
) -> Iterator[ConsumerRecord]:
    idle = 0
    while consumer.position(partition) < end:
        records = consumer.poll(timeout_ms=_POLL_MS).get(partition, ())
        idle = 0 if records else idle + 1
        if idle > _IDLE_POLLS:
            message = f"Kafka does not give the rest of {partition.topic}/{partition.partition}."
            raise CommandError(message)
        yield from (record for record in records if record.offset < end)


def last_words(bootstrap: str, topic: str) -> list[bytes]:
    """What a compacted topic says last of each key, by key."""
    last: dict[bytes, bytes] = {}
    with reading(bootstrap) as consumer:
        for record in records_to_end(consumer, partitions_of(consumer, topic)):
            last[record.key] = record.value
    return [last[key] for key in sorted(last)]


def record_at(consumer: KafkaConsumer, partition: TopicPartition, offset: int) -> ConsumerRecord:
    """One record; CommandError when there is none at that offset."""
    known = partition in partitions_of(consumer, partition.topic)
    first = consumer.beginning_offsets([partition])[partition] if known else 0
    end = consumer.end_offsets([partition])[partition] if known else 0
    if first <= offset < end:
        consumer.assign([partition])
        consumer.seek(partition, offset)
        for record in _partition_to(consumer, partition, offset + 1):
            if record.offset == offset:
                return record
    message = f"There is no record {partition.partition}/{offset} in {partition.topic}."
    raise CommandError(message)


def lag(bootstrap: str, group: str, topic: str) -> int:
    """How many offsets of a topic a group has not committed yet; markers at an end are none."""
    with reading(bootstrap) as consumer:
        partitions = partitions_of(consumer, topic)
        committed = _committed(bootstrap, group, partitions)
        ends = consumer.end_offsets(partitions)
        firsts = consumer.beginning_offsets(partitions)
        done = {at: max(committed.get(at, 0), firsts[at]) for at in partitions}
        return sum(_behind(consumer, at, done[at], ends[at]) for at in partitions)


def _behind(consumer: KafkaConsumer, partition: TopicPartition, done: int, end: int) -> int:
    """Where little is left it is looked at: behind a transaction's last record is a marker."""
    if not 0 < end - done <= _MARKERS_LOOKED_FOR:
        return max(0, end - done)
    consumer.assign([partition])
    consumer.seek(partition, done)
    return sum(1 for _ in _partition_to(consumer, partition, end))


def _committed(
    bootstrap: str, group: str, partitions: list[TopicPartition]
) -> dict[TopicPartition, int]:
    with administering(bootstrap) as admin:
        try:
            committed = admin.list_group_offsets({group: partitions})[group]
        except _NO_COORDINATOR_YET:
            return {}
        return {at: offset.offset for at, offset in committed.items()}
