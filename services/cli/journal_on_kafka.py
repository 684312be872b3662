"""The journal's records of one partition, as the tracker reads them from Kafka."""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from kafka import KafkaConsumer
from kafka.consumer.fetcher import ConsumerRecord

from schemas.topics import EVENTS
from services.cli.log_reader import partitions_of, records_to_end
from services.cli.subject import Subject
from services.runtime.moments import to_ms
from services.runtime.partition import moment_of, partition_of
from services.runtime.processor import Record


def journal_of(
    consumer: KafkaConsumer, subject: Subject, until: datetime | None
) -> Iterator[Record]:
    """All that stands in the subject's partition, up to the first record after `until`.

    Kafka's own timestamps do not help to find it: they are those of the append, not of the journal.
    """
    partitions = partitions_of(consumer, EVENTS.full_name)
    number = partition_of("/".join(subject).encode(), len(partitions))
    records = map(_record, records_to_end(consumer, [partitions[number]]))
    if until is None:
        return records
    last = to_ms(until)
    return takewhile(lambda record: (moment_of(record) or 0) <= last, records)


def _record(read: ConsumerRecord) -> Record:
    return Record(read.topic, read.key, read.value, read.headers, read.partition, read.offset)
