"""Makes the topics that are to exist, patiently and only once."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from schemas.topics import Topic
from services.runtime.logs import logger

_TOMBSTONES_KEPT = timedelta(days=30)
"""A state folder that was out of use for longer must be deleted before it is used again."""


@dataclass(frozen=True)
class TopicSpec:
    """What a topic is to be like; no retention means for ever."""

    name: str
    partitions: int
    retention: timedelta | None = None
    compacted: bool = False
    largest_bytes: int = 4 * 1024 * 1024

    @classmethod
    def of(cls, topic: Topic, partitions: int) -> Self:
        """A topic of the contract, with so many `partitions` unless it says otherwise."""
        return cls(
            topic.full_name,
            topic.partitions or partitions,
            topic.retention,
            topic.cleanup == "compact",
            topic.largest_bytes,
        )

    @property
    def config(self) -> dict[str, str]:
        config = {
            # Retention is wall time, whatever business time the records carry.
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.largest_bytes),
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(-1 if self.retention is None else _ms(self.retention)),
        }
        if self.compacted:
            config["delete.retention.ms"] = str(_ms(_TOMBSTONES_KEPT))
            config["segment.bytes"] = str(64 * 1024 * 1024)
        return config


class TopicMismatchError(Exception):
    """A topic exists with another number of partitions, so keys would move between them."""


def create_topics(bootstrap: str, topics: Iterable[TopicSpec], replication: int = 1) -> list[str]:
    """Create what is missing; answers the names of the new ones.

    Raises KafkaError when Kafka cannot be reached, TopicMismatchError.
    """
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=2000)
    try:
        wanted = {each.name: each for each in topics}
        found = admin.describe_topics(list(wanted.keys() & set(admin.list_topics())))
        _compare(wanted, {each["name"]: len(each["partitions"]) for each in found})
        missing = sorted(wanted.keys() - {each["name"] for each in found})
        return [name for name in missing if _create(admin, wanted[name], replication)]
    finally:
        admin.close()


def replace_topic(bootstrap: str, topic: TopicSpec, replication: int = 1) -> None:
    """Delete it, if it is there, and create it empty. Raises KafkaError."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap, bootstrap_timeout_ms=2000)
    try:
        if topic.name in admin.list_topics():
            admin.delete_topics([topic.name])
        while not _create(admin, topic, replication):
            time.sleep(0.2)  # until the old one is gone
    finally:
        admin.close()


async def ensure_topics(bootstrap: str, topics: list[TopicSpec], replication: int = 1) -> None:
    """Create what is missing, waiting for a Kafka that is not there yet."""
    log, waiting = logger(__name__), False
    while True:
        try:
            created = await asyncio.to_thread(create_topics, bootstrap, topics, replication)
        except KafkaError as error:
            if not waiting:
                log.warning("waiting for kafka", bootstrap=bootstrap, error=str(error))
            waiting = True
            await asyncio.sleep(1)
        else:
            if waiting or created:
                log.info("kafka is there", bootstrap=bootstrap, created=created)
            return


def _create(admin: KafkaAdminClient, topic: TopicSpec, replication: int) -> bool:
    new = NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.config)
    try:
        admin.create_topics([new])
    except TopicAlreadyExistsError:
        return False
    return True


def _compare(wanted: dict[str, TopicSpec], found: dict[str, int]) -> None:
    for name, partitions in found.items():
        if partitions != wanted[name].partitions:
            message = f"{name} has {partitions} partitions, not {wanted[name].partitions}"
            raise TopicMismatchError(message)


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
