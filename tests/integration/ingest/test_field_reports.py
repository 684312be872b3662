"""Field reports on a real Kafka: each is admitted or in quarantine, and the partition moves on."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from schemas.topics import FIELD_REPORTS
from services.cli.broker import EmbeddedBroker
from tests.integration.ingest.running import Running, running
from tests.integration.ingest.witness import Witness
from tests.unit.ingest.saying import row

REPORTS = 1000
POISON = {
    "not_json": b"not json",
    "too_deep": b"[" * 5000 + b"]" * 5000,
    "not_utf8": b'{"event_id": "\xff"}',
    "too_large": b"x" * (10 * 1024 * 1024),
    "wrong_type": b"[]",
    "naive_time": row(occurred_at="2026-02-03T14:00:00"),
    "future_recorded": row(recorded_at="2099-01-01T00:00:00Z"),
}


class Publisher:
    """A field system that publishes to Kafka itself, to one partition."""

    def __init__(self, broker: EmbeddedBroker, key: str) -> None:
        self._producer = KafkaProducer(
            bootstrap_servers=broker.bootstrap, acks="all", max_request_size=16 * 1024 * 1024
        )
        self._headers = [("key", key.encode())]

    def publish(self, value: bytes | None, headers: list[tuple[str, bytes]] | None = None) -> None:
        self._producer.send(
            FIELD_REPORTS.full_name,
            value,
            key=b"any" if value is None else None,
            partition=0,
            headers=self._headers if headers is None else headers,
        ).get(timeout=30)

    def close(self) -> None:
        self._producer.close()


@pytest.fixture
def publisher(kafka: EmbeddedBroker, key: str) -> Iterator[Publisher]:
    made = Publisher(kafka, key)
    yield made
    made.close()


@pytest.fixture
def ingest(kafka: EmbeddedBroker, sources_file: Path, key: str) -> Iterator[Running]:
    with running("kafka", kafka.bootstrap, sources_file) as process:
        yield process


def eventually(seeing: Witness, count: int) -> list[ConsumerRecord]:
    for _ in range(300):
        if len(found := seeing.records()) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} of {count} records")


def test_poison_of_every_kind(
    publisher: Publisher, ingest: Running, events: Witness, quarantine: Witness, key: str
) -> None:
    for value in POISON.values():
        publisher.publish(value)
    publisher.publish(b'{"quantity": NaN}')
    publisher.publish(None)
    publisher.publish(row(), [])
    publisher.publish(row(), [("key", b"hsi.00")])
    publisher.publish(row(event_id="after"))
    (admitted,) = eventually(events, 1)
    assert json.loads(admitted.value)["event_id"] == "after"
    kept = eventually(quarantine, len(POISON) + 4)
    assert len(kept) == len(POISON) + 4
    reasons = sorted(dict(each.headers)["reason"].decode() for each in kept)
    assert reasons == sorted([*POISON, "not_json", "not_json", "not_allowed", "not_allowed"])
    by_reason = {dict(each.headers)["reason"].decode(): each for each in kept}
    assert by_reason["too_large"].value == b"x" * 1024 * 1024
    assert by_reason["not_utf8"].value == POISON["not_utf8"]
    origin = dict(by_reason["naive_time"].headers)["origin"]
    assert origin.startswith(b"kafka:chasqui.field-reports/0/")
    assert ingest.terminate() == 0
    assert key.split(".")[1] not in ingest.log()
    assert key.split(".")[1] not in str([each.headers for each in kept])


def test_no_report_is_lost_by_a_kill(
    publisher: Publisher, kafka: EmbeddedBroker, sources_file: Path, events: Witness
) -> None:
    reports = {str(number) for number in range(REPORTS)}
    for number in reports:
        publisher.publish(row(event_id=number))
    settings = {"session_timeout": "PT2S", "reports_at_once": "20"}
    for kill in range(3):
        with running("kafka", kafka.bootstrap, sources_file, **settings) as process:
            while len(events.records()) < REPORTS * (kill + 1) / 4:
                time.sleep(0.01)
            process.process.kill()
    with running("kafka", kafka.bootstrap, sources_file, **settings) as process:
        process.says("kafka_is_there")
        while not caught_up(kafka):
            time.sleep(0.1)
        assert process.terminate() == 0
    assert {json.loads(each.value)["event_id"] for each in events.records()} == reports


def caught_up(kafka: EmbeddedBroker) -> bool:
    reader = KafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id="chasqui.ingest")
    reports = TopicPartition(FIELD_REPORTS.full_name, 0)
    committed, end = reader.committed(reports), reader.end_offsets([reports])[reports]
    reader.close()
    return committed == end
