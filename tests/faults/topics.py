"""Topics read piece by piece, each piece up to the end as it is now."""

from kafka import KafkaConsumer, TopicPartition

from services.runtime.processor import Record

_POLL_MS = 200
_IDLE_POLLS = 150
_RECONNECTS_AFTER_MS = 500
"""At most, and not half a minute: an outage of the broker is part of what is tried."""


class Reader:
    """Reads committed records of a topic, from where it read last."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        self.places = [TopicPartition(topic, number) for number in range(partitions)]
        self.at = dict.fromkeys(self.places, 0)
        """The next offset of each partition."""
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            reconnect_backoff_max_ms=_RECONNECTS_AFTER_MS,
        )
        self._consumer.assign(self.places)

    def more(self) -> list[Record]:
        """What came since the last time, partition by partition, in order."""
        ends, found, idle = self._consumer.end_offsets(self.places), [], 0
        for place in self.places:
            self._consumer.seek(place, self.at[place])
        while any(self._consumer.position(place) < ends[place] for place in self.places):
            batches = self._consumer.poll(timeout_ms=_POLL_MS)
            idle = 0 if batches else idle + 1
            assert idle < _IDLE_POLLS, f"Kafka does not give the rest of {self.places[0].topic}"
            for batch in batches.values():
                found += batch
        self.at = {place: self._consumer.position(place) for place in self.places}
        found.sort(key=lambda record: (record.partition, record.offset))
        return [
            Record(r.topic, r.key, r.value, tuple(r.headers), r.partition, r.offset) for r in found
        ]

    def close(self) -> None:
        self._consumer.close()


def done_up_to(
    bootstrap: str, group: str, places: list[TopicPartition]
) -> dict[TopicPartition, int]:
    """What a group has committed; 0 where nothing."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    try:
        return {place: consumer.committed(place) or 0 for place in places}
    finally:
        consumer.close()
