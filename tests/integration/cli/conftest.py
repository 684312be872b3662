"""A Kafka with the real topics and an ingest edge, for the commands to speak to."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import sleep

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from schemas.topics import TOPICS
from services.cli.broker import EmbeddedBroker, free_port
from services.cli.child import Child
from services.ingest.core.source import EVERYTHING, Scope
from services.ingest.sources import add_source
from services.runtime.topics import TopicSpec, create_topics

PARTITIONS = 2
READY_WITHIN = timedelta(seconds=60)
PAUSE = timedelta(milliseconds=200)


@dataclass(frozen=True)
class Site:
    """Where everything is, as the environment tells it to the commands."""

    bootstrap: str
    folder: Path
    env: dict[str, str]

    def run(self, command: click.Command, *arguments: object, **env: str) -> Result:
        """Run a command as a person would."""
        words = [str(each) for each in arguments]
        return CliRunner().invoke(command, words, env={**self.env, **env}, catch_exceptions=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker(folder / "broker"))
        specs = (TopicSpec(topic.full_name, PARTITIONS, topic.retention) for topic in TOPICS)
        create_topics(broker.bootstrap, list(specs))
        env = _environment(folder, broker.bootstrap)
        child = _start(stack, folder, env, "http")
        _start(stack, folder, env, "kafka")
        _await(env["CHASQUI_INGEST_URL"], child, folder / "http.log")
        yield Site(broker.bootstrap, folder, env)


def _start(stack: ExitStack, folder: Path, env: dict[str, str], way: str) -> Child:
    log = stack.enter_context((folder / f"{way}.log").open("wb"))
    command = [sys.executable, "-m", "services.ingest", way]
    child = Child.start(command, output=log, env=os.environ | env)
    stack.callback(child.end, timedelta(seconds=20))
    return child


def _environment(folder: Path, bootstrap: str) -> dict[str, str]:
    port = free_port()
    key = add_source(folder / "sources.toml", "all", (EVERYTHING,), scopes=tuple(Scope))
    return {
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "CHASQUI_CLOCK": "journal",
        "CHASQUI_STATE_DIR": str(folder / "state"),
        "CHASQUI_SOURCES_FILE": str(folder / "sources.toml"),
        "CHASQUI_SOURCE_KEY": key,
        "CHASQUI_INGEST_URL": f"http://127.0.0.1:{port}",
        "CHASQUI_HTTP_PORT": str(port),
        "CHASQUI_METRICS_PORT": "0",
        "CHASQUI_PUBLISHER": "US-OPS",
        "COLUMNS": "250",
    }


def _await(url: str, child: Child, log: Path) -> None:
    for _ in range(READY_WITHIN // PAUSE):
        assert child.exit_code() is None, log.read_text("utf-8")
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        sleep(PAUSE.total_seconds())
    pytest.fail(f"ingest was not ready: {log.read_text('utf-8')}")
