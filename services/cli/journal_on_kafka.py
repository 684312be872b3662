"""The journal of one subject's partition, as the tracker reads it from Kafka.

All of the partition has to be looked through, and aiokafka does so many times as fast as
kafka-python. Kafka's own timestamps do not help to find a moment: they are those of the append.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime

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


def journal_of(bootstrap: str, subject: Subject, until: datetime | None) -> Iterator[Record]:
    """All that is in the subject's partition now, up to the first record after `until`."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    place, end = _place_and_end(bootstrap, subject)
    last = LAST_MS if until is None else to_ms(until)
    with asyncio.Runner() as runner:
        try:
            consumer = runner.run(_started(bootstrap, place))
            try:
                for record in _records(runner, consumer, place, end):
                    if (moment_of(record) or 0) > last:
                        return
                    yield record
            finally:
                runner.run(consumer.stop())
        except KafkaError as error:
            raise unreachable(bootstrap, error) from error


def _place_and_end(bootstrap: str, subject: Subject) -> tuple[TopicPartition, int]:
    key = "/".join(subject).encode()
    with reading(bootstrap) as consumer:
        partitions = partitions_of(consumer, EVENTS.full_name)
        place = partitions[partition_of(key, len(partitions))]
        end: int = consumer.end_offsets([place])[place]
        return TopicPartition(*place), end


async def _started(bootstrap: str, place: TopicPartition) -> AIOKafkaConsumer:
    consumer = reader(bootstrap)
    await consumer.start()
    consumer.assign([place])
    await consumer.seek_to_beginning(place)
    return consumer


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
