"""The Kafka we pin speaks with both client libraries as the services need it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, NewTopic
from kafka.errors import TopicAlreadyExistsError

from services.cli.broker import BrokerError, EmbeddedBroker


def create_topic(broker: EmbeddedBroker, partitions: int = 2, **configs: str) -> str:
    name = f"t-{uuid4()}"
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])
    admin.close()
    return name


def produce(broker: EmbeddedBroker, topic: str, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    for number in range(count):
        producer.send(topic, value=b"%d" % number, partition=0)
    producer.flush(timeout=30)
    producer.close()


def consume(broker: EmbeddedBroker, topic: str, group: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
        consumer_timeout_ms=30_000,
    )
    values: list[bytes] = []
    for record in consumer:
        values.append(record.value)
        if len(values) == count:
            consumer.commit()
            break
    consumer.close()
    return values


def test_creates_topics_with_their_settings(broker: EmbeddedBroker) -> None:
    name = create_topic(
        broker, **{"cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"}
    )
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    described = admin.describe_configs([ConfigResource("topic", name)])
    assert "LogAppendTime" in str(described)
    assert "compact" in str(described)
    with pytest.raises(TopicAlreadyExistsError):
        admin.create_topics([NewTopic(name, 2, 1)])
    admin.close()


def test_does_not_invent_topics(broker: EmbeddedBroker) -> None:
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, max_block_ms=1000)
    with pytest.raises(Exception, match=r"(?i)topic|timeout|metadata"):
        producer.send(f"t-{uuid4()}", b"x").get(timeout=5)
    producer.close()


def test_a_group_reads_what_was_written_once(broker: EmbeddedBroker) -> None:
    name, group = create_topic(broker), f"g-{uuid4()}"
    produce(broker, name, 1000)
    assert consume(broker, name, group, 600) == [b"%d" % number for number in range(600)]
    assert consume(broker, name, group, 400) == [b"%d" % number for number in range(600, 1000)]


def transactional(broker: EmbeddedBroker, identity: str, **settings: int) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, transactional_id=identity, acks="all", **settings
    )


async def transact(
    producer: AIOKafkaProducer, topic: str, group: str, value: bytes, offset: int
) -> None:
    async with producer.transaction():
        await producer.send_and_wait(topic, value, partition=0)
        await producer.send_offsets_to_transaction({TopicPartition(topic, 1): offset}, group)


async def committed(broker: EmbeddedBroker, topic: str, group: str) -> int | None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    try:
        return await consumer.committed(TopicPartition(topic, 1))
    finally:
        await consumer.stop()


async def test_a_transaction_holds_records_and_offsets_together(broker: EmbeddedBroker) -> None:
    name, group = create_topic(broker), f"g-{uuid4()}"
    producer = transactional(broker, f"x-{uuid4()}")
    await producer.start()
    await transact(producer, name, group, b"kept", 7)
    await producer.begin_transaction()
    await producer.send_and_wait(name, b"dropped", partition=0)
    await producer.send_offsets_to_transaction({TopicPartition(name, 1): 99}, group)
    await producer.abort_transaction()
    await transact(producer, name, group, b"kept too", 8)
    await producer.stop()
    assert await committed(broker, name, group) == 8
    assert await asyncio.to_thread(consume, broker, name, f"g-{uuid4()}", 2) == [
        b"kept",
        b"kept too",
    ]


async def test_a_successor_fences_its_predecessor(
    broker: EmbeddedBroker,
) -> None:
    name, group, identity = create_topic(broker), f"g-{uuid4()}", f"x-{uuid4()}"
    old = transactional(broker, identity)
    await old.start()
    await old.begin_transaction()
    await old.send_and_wait(name, b"of the old", partition=0)
    new = transactional(broker, identity)
    await new.start()
    await transact(new, name, group, b"of the new", 1)
    with pytest.raises(ProducerFenced):
        await old.commit_transaction()
    await new.stop()
    await old.stop()
    assert await asyncio.to_thread(consume, broker, name, f"g-{uuid4()}", 1) == [b"of the new"]


async def test_an_abandoned_transaction_is_aborted_in_seconds(broker: EmbeddedBroker) -> None:
    """Kafka looks every ten seconds for what timed out (server.properties says why not sooner)."""
    name = create_topic(broker)
    lost = transactional(broker, f"x-{uuid4()}", transaction_timeout_ms=1000)
    await lost.start()
    await lost.begin_transaction()
    await lost.send_and_wait(name, b"abandoned", partition=0)
    produce(broker, name, 1)
    async with asyncio.timeout(16):
        assert await asyncio.to_thread(consume, broker, name, f"g-{uuid4()}", 1) == [b"0"]
    await lost.stop()


def test_keeps_its_data_over_a_stop_and_a_kill(fresh_broker: EmbeddedBroker) -> None:
    name = create_topic(fresh_broker)
    produce(fresh_broker, name, 10)
    address = fresh_broker.bootstrap
    fresh_broker.stop()
    fresh_broker.start()
    fresh_broker.kill()
    fresh_broker.start()
    assert fresh_broker.bootstrap == address
    assert len(consume(fresh_broker, name, "g", 10)) == 10


def test_a_paused_broker_goes_on(fresh_broker: EmbeddedBroker) -> None:
    name = create_topic(fresh_broker)
    fresh_broker.pause()
    fresh_broker.resume()
    produce(fresh_broker, name, 10)
    assert len(consume(fresh_broker, name, "g", 10)) == 10


def test_says_why_it_cannot_start(fresh_broker: EmbeddedBroker) -> None:
    port = int(fresh_broker.bootstrap.partition(":")[2])
    rival = EmbeddedBroker(fresh_broker.log.parent.parent / "rival", port)
    with pytest.raises(BrokerError, match=f"port {port} on loopback is taken"):
        rival.start()


STARTER = """
import sys, time
from pathlib import Path
from services.cli.broker import EmbeddedBroker
print(EmbeddedBroker(Path(sys.argv[1])).start().bootstrap, flush=True)
time.sleep(300)
"""


def test_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        host, _, port = parent.stdout.readline().strip().partition(":")
        os.kill(parent.pid, signal.SIGKILL)
    assert gone(host, int(port))


def gone(host: str, port: int) -> bool:
    for _ in range(200):
        with socket.socket() as knock:
            if knock.connect_ex((host, port)) != 0:
                return True
        time.sleep(0.1)
    return False
