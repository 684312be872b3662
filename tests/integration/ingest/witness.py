"""Reads topics with a client that is not ours, to see what the services really wrote."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord


class Witness:
    """What stands in a topic after the moment at which the witness came."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        numbers = self._consumer.partitions_for_topic(topic) or set()
        self._partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        self._consumer.assign(self._partitions)
        self._starts = self._consumer.end_offsets(self._partitions)

    def records(self) -> list[ConsumerRecord]:
        """All up to now; of one partition in order."""
        ends = self._consumer.end_offsets(self._partitions)
        found: list[ConsumerRecord] = []
        for partition in self._partitions:
            self._consumer.seek(partition, self._starts[partition])
        while any(self._consumer.position(each) < ends[each] for each in self._partitions):
            for records in self._consumer.poll(timeout_ms=200).values():
                found += records
        return found

    def close(self) -> None:
        self._consumer.close()


@contextmanager
def witness(bootstrap: str, topic: str) -> Iterator[Witness]:
    """A witness of what is written to the topic from now on."""
    seeing = Witness(bootstrap, topic)
    try:
        yield seeing
    finally:
        seeing.close()
