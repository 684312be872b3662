"""The journal, or one subject's partition of it, as the tracker reads it from Kafka.

All of a partition has to be looked through, and aiokafka does so many times as fast as
kafka-python. Kafka's own timestamps do not help to find a moment: they are those of the append.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.topics import EVENTS
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading, unreachable
from services.cli.log_reader import partitions_of
from services.cli.subject import Subject
from services.runtime.moments import LAST_MS, to_ms
from services.runtime.partition import moment_of, partition_of
from services.runtime.processor import Record
from services.runtime.transaction import reader, record_of

_POLL_MS = 500
_IDLE_POLLS = 120
_RECORDS_AT_ONCE = 10_000


def journal_of(bootstrap: str, subject: Subject | None, until: datetime | None) -> Iterator[Record]:
    """All that is in the subject's partition now, or in one after the other.

    Each is read up to its first record after `until`.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    ends = _ends(bootstrap, subject)
    last = LAST_MS if until is None else to_ms(until)
    with asyncio.Runner() as runner:
        try:
            consumer = runner.run(_started(bootstrap))
            try:
                for place, end in ends.items():
                    runner.run(_turned_to(consumer, place))
                    records = _records(runner, consumer, place, end)
                    yield from takewhile(lambda record: (moment_of(record) or 0) <= last, records)
            finally:
                runner.run(consumer.stop())
        except KafkaError as error:
            raise unreachable(bootstrap, error) from error


def _ends(bootstrap: str, subject: Subject | None) -> dict[TopicPartition, int]:
    with reading(bootstrap) as consumer:
        partitions = partitions_of(consumer, EVENTS.full_name)
        if subject is not None:
            partitions = [partitions[partition_of(subject.key, len(partitions))]]
        ends = consumer.end_offsets(partitions)
        return {TopicPartition(*place): ends[place] for place in partitions}


async def _started(bootstrap: str) -> AIOKafkaConsumer:
    consumer = reader(bootstrap)
    await consumer.start()
    return consumer


async def _turned_to(consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
    consumer.assign([place])
    await consumer.seek_to_beginning(place)


def _records(
    runner: asyncio.Runner, consumer: AIOKafkaConsumer, place: TopicPartition, end: int
) -> Iterator[Record]:
    idle = 0
    while runner.run(consumer.position(place)) < end:
        polled = consumer.getmany(place, timeout_ms=_POLL_MS, max_records=_RECORDS_AT_ONCE)
        records = runner.run(polled).get(place, ())
        idle = 0 if records else idle + 1
        if idle > _IDLE_POLLS:
            message = f"Kafka does not give the rest of {place.topic}/{place.partition}."
            raise CommandError(message)
        yield from (record_of(record) for record in records if record.offset < end)
