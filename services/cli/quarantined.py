"""What stands in quarantine: the original bytes and why they were refused."""

from collections.abc import Iterator
from typing import NamedTuple, Self

import orjson
from kafka import TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from schemas.topics import QUARANTINE
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading
from services.cli.log_reader import partitions_of, record_at, records_to_end
from services.cli.source_file import Place

_HEADERS = ("reason", "field", "detail", "origin", "row", "received_at")


class Quarantined(NamedTuple):
    """One refused row, named by where it stands in the topic."""

    place: Place
    publisher: str
    reason: str
    field: str
    detail: str
    origin: str
    row: str
    received_at: str
    value: bytes

    @classmethod
    def of(cls, record: ConsumerRecord) -> Self:
        """Read a record of the topic; a header that is not there is empty."""
        headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
        said = {name: headers.get(name, "") for name in _HEADERS}
        return cls(
            place=Place(record.partition, record.offset),
            publisher=(record.key or b"").decode(errors="replace"),
            value=record.value or b"",
            **said,
        )

    @property
    def name(self) -> str:
        """PARTITION/OFFSET."""
        return f"{self.place.partition}/{self.place.offset}"

    def told(self) -> dict[str, str | int]:
        """What is known of it, without the bytes."""
        return {
            "place": self.name,
            "publisher": self.publisher,
            **{name: getattr(self, name) for name in _HEADERS},
            "bytes": len(self.value),
        }

    def resent(self) -> bytes:
        """The event, as received when it first came; CommandError if it is no event."""
        return at_its_receipt(self.value, self.received_at, self.name)


def at_its_receipt(value: bytes, received_at: str, name: str) -> bytes:
    """An event that says when it was received, unless it does so already."""
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        message = f"{name} is not JSON ({error}); mend it with --edit."
        raise CommandError(message) from error
    if not isinstance(event, dict):
        message = f"{name} is not a JSON object; mend it with --edit."
        raise CommandError(message)
    return orjson.dumps({"received_at": received_at, **event})


def quarantined(bootstrap: str, reason: str | None) -> Iterator[Quarantined]:
    """All that stands in quarantine now, or what is there for one reason."""
    with reading(bootstrap) as consumer:
        for record in records_to_end(consumer, partitions_of(consumer, QUARANTINE.full_name)):
            found = Quarantined.of(record)
            if reason is None or found.reason == reason:
                yield found


def quarantined_at(bootstrap: str, places: tuple[Place, ...]) -> list[Quarantined]:
    """Those at the given places; CommandError when there is nothing at one of them."""
    with reading(bootstrap) as consumer:
        return [
            Quarantined.of(
                record_at(
                    consumer, TopicPartition(QUARANTINE.full_name, place.partition), place.offset
                )
            )
            for place in places
        ]
