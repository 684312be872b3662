"""A Kafka with the real topics, and the edge before it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from schemas.topics import EVENTS, QUARANTINE, TOPICS
from services.cli.broker import EmbeddedBroker
from services.ingest.http import create_app
from services.ingest.settings import HttpSettings
from services.runtime.keys.file import add_source
from services.runtime.keys.source import Scope
from services.runtime.topics import TopicSpec, create_topics
from tests.integration.ingest.witness import Witness, witness

PARTITIONS = 2


@pytest.fixture(scope="package")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A Kafka for these tests: each looks only at what was written since it began."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as running:
        make_topics(running)
        yield running


def make_topics(broker: EmbeddedBroker) -> None:
    create_topics(broker.bootstrap, [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS])


@pytest.fixture
def events(kafka: EmbeddedBroker) -> Iterator[Witness]:
    with witness(kafka.bootstrap, EVENTS.full_name) as seeing:
        yield seeing


@pytest.fixture
def quarantine(kafka: EmbeddedBroker) -> Iterator[Witness]:
    with witness(kafka.bootstrap, QUARANTINE.full_name) as seeing:
        yield seeing


@pytest.fixture
def sources_file(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


@pytest.fixture
def key(sources_file: Path) -> str:
    """A key that may say everything."""
    return add_source(sources_file, "hsi", ("*",), scopes=tuple(Scope))


@pytest.fixture
def settings(kafka: EmbeddedBroker, sources_file: Path, key: str) -> HttpSettings:
    return HttpSettings(kafka_bootstrap_servers=kafka.bootstrap, sources_file=sources_file)


@pytest.fixture
async def client(settings: HttpSettings, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A field system that speaks to a ready edge."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://edge", headers=headers
        ) as client:
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - as a proxy asks
                await asyncio.sleep(0.05)
            yield client
