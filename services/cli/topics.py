"""`chasqui topics`: make the topics, and show them as they are."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import click
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import KafkaError
from rich.table import Column, Table

from schemas.topics import PREFIX, TOPICS
from services.cli.consoles import a_console
from services.cli.errors import CommandError
from services.cli.kafka_clients import unreachable
from services.cli.settings import read_settings
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicMismatchError, TopicSpec, create_topics

_MILLISECOND = timedelta(milliseconds=1)


@click.group("topics")
def topics() -> None:
    """Make the topics, and show them as they are."""


@topics.command("create")
def create() -> None:
    """Make the topics that are missing."""
    made = make_topics(read_settings())
    click.echo("\n".join(made) if made else "All topics are there already.")


@topics.command("list")
def list_() -> None:
    """Show the topics on Kafka with their settings."""
    bootstrap = read_settings().kafka_bootstrap_servers
    try:
        rows = _described(bootstrap)
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error
    names = ("topic", "partitions", "cleanup", "kept", "time", "largest record")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for row in rows:
        table.add_row(*row)
    a_console().print(table)


def make_topics(settings: RuntimeSettings) -> list[str]:
    """Make the missing topics and return their names; CommandError says why it cannot be."""
    bootstrap = settings.kafka_bootstrap_servers
    try:
        return create_topics(bootstrap, declared(settings), settings.replication)
    except KafkaError as error:
        raise unreachable(bootstrap, error) from error
    except TopicMismatchError as error:
        raise CommandError(f"{error}; the number of partitions never changes.") from error


def declared(settings: RuntimeSettings) -> Iterable[TopicSpec]:
    """The topics of the contract as Kafka is to have them."""
    return [TopicSpec.of(topic, settings.partitions) for topic in TOPICS]


def _described(bootstrap: str) -> list[tuple[str, ...]]:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), bootstrap_timeout_ms=10_000)
    try:
        ours = sorted(name for name in admin.list_topics() if name.startswith(PREFIX))
        if not ours:
            raise CommandError(f"There is no topic of ours on {bootstrap} yet.")
        partitions = {each["name"]: len(each["partitions"]) for each in admin.describe_topics(ours)}
        configs = admin.describe_configs([ConfigResource("topic", name) for name in ours])["topic"]
    finally:
        admin.close()
    return [(name, str(partitions[name]), *_settings(configs[name])) for name in ours]


def _settings(config: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    def said(name: str) -> str:
        return config.get(name, {"value": "default"})["value"]

    kept = "for ever" if said("retention.ms") == "-1" else _duration(said("retention.ms"))
    largest = said("max.message.bytes")
    return said("cleanup.policy"), kept, said("message.timestamp.type"), largest


def _duration(milliseconds: str) -> str:
    if not milliseconds.isdigit():
        return milliseconds
    return str(int(milliseconds) * _MILLISECOND).removesuffix(", 0:00:00")
