"""A world of its own for each test, on the session's Kafka."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.broker import EmbeddedBroker
from tests.integration.runtime.running import World


@pytest.fixture
def world(
    broker: EmbeddedBroker, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[World]:
    name = re.sub(r"\W", "-", request.node.name.removeprefix("test_"))
    made = World(broker.bootstrap, name, tmp_path)
    yield made
    made.close()
