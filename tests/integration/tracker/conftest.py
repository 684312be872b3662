"""What the tests of the tracker's process may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.broker import EmbeddedBroker
from tests.integration.tracker.site import Site


@pytest.fixture
def site(fresh_broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Site]:
    made = Site(fresh_broker.bootstrap, tmp_path / "trackers")
    yield made
    made.close()
