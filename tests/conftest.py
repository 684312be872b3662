"""What every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.broker import EmbeddedBroker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One Kafka for the whole session; a test that uses it names its topics and groups uniquely."""
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def fresh_broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """An empty Kafka for one test, which may use the real topic names, stop it and kill it."""
    with EmbeddedBroker(tmp_path / "broker") as running:
        yield running
