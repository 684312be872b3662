"""kafka-python's clients as the commands use them: quiet, closed, their faults one sentence."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from services.cli.errors import CommandError

_KNOCK_SECONDS = 3.0
_BOOTSTRAP_MS = 10_000


@contextmanager
def reading(bootstrap: str) -> Iterator[KafkaConsumer]:
    """A consumer of committed records without a group."""
    with _told(bootstrap):
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap.split(","),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
        )
        try:
            yield consumer
        finally:
            consumer.close()


@contextmanager
def writing(bootstrap: str) -> Iterator[KafkaProducer]:
    """A producer whose records are safe once acknowledged."""
    with _told(bootstrap):
        producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            linger_ms=20,
            max_request_size=2 * 1024 * 1024,
            allow_auto_create_topics=False,
        )
        try:
            yield producer
        finally:
            producer.close()


@contextmanager
def administering(bootstrap: str) -> Iterator[KafkaAdminClient]:
    """An admin client."""
    with _told(bootstrap):
        admin = KafkaAdminClient(
            bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=_BOOTSTRAP_MS
        )
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def _told(bootstrap: str) -> Iterator[None]:
    """Let what Kafka has against us become a CommandError."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    _knock(bootstrap)
    try:
        yield
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error


def unreachable(bootstrap: str, error: Exception) -> CommandError:
    """The sentence for a Kafka that cannot be used."""
    says = str(error).removeprefix(f"{type(error).__name__}: ")
    return CommandError(f"Kafka at {bootstrap} cannot be used: {type(error).__name__}: {says}.")


def _knock(bootstrap: str) -> None:
    """Find out at once that nobody is there: a client would try for long, and loudly."""
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        with suppress(OSError, ValueError):
            socket.create_connection((host, int(port)), _KNOCK_SECONDS).close()
            return
    message = f"Kafka does not answer at {bootstrap}."
    raise CommandError(message)
