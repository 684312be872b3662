"""A Kafka, both ways in and a tracker, for the commands to speak to."""

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

from services.cli.broker import EmbeddedBroker, free_port
from services.cli.child import Child
from services.cli.topics import make_topics
from services.runtime.keys.file import add_source
from services.runtime.keys.source import EVERYTHING, Scope
from services.runtime.settings import RuntimeSettings

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
        env = _environment(folder, broker.bootstrap)
        make_topics(
            RuntimeSettings(kafka_bootstrap_servers=broker.bootstrap, partitions=PARTITIONS)
        )
        _start(stack, env, "ingest", "kafka")
        for url, program in (("INGEST", ("ingest", "http")), ("TRACKER", ("tracker",))):
            at = env[f"CHASQUI_{url}_URL"]
            _start(stack, env | {"CHASQUI_HTTP_PORT": at.rpartition(":")[2]}, *program, ready=at)
        yield Site(broker.bootstrap, folder, env)


def _environment(folder: Path, bootstrap: str) -> dict[str, str]:
    key = add_source(folder / "sources.toml", "all", (EVERYTHING,), scopes=tuple(Scope))
    return {
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "CHASQUI_PARTITIONS": str(PARTITIONS),
        "CHASQUI_CLOCK": "journal",
        "CHASQUI_STATE_DIR": str(folder / "state"),
        "CHASQUI_SOURCES_FILE": str(folder / "sources.toml"),
        "CHASQUI_SOURCE_KEY": key,
        "CHASQUI_INGEST_URL": f"http://127.0.0.1:{free_port()}",
        "CHASQUI_TRACKER_URL": f"http://127.0.0.1:{free_port()}",
        "CHASQUI_METRICS_PORT": "0",
        "CHASQUI_PUBLISHER": "US-OPS",
        "COLUMNS": "250",
    }


def _start(stack: ExitStack, env: dict[str, str], *program: str, ready: str | None = None) -> None:
    log = Path(env["CHASQUI_SOURCES_FILE"]).with_name("-".join(program) + ".log")
    output = stack.enter_context(log.open("wb"))
    command = [sys.executable, "-m", f"services.{program[0]}", *program[1:]]
    child = Child.start(command, output=output, env=os.environ | env)
    stack.callback(child.end, timedelta(seconds=20))
    if ready is not None:
        _await(ready, child, log)


def _await(url: str, child: Child, log: Path) -> None:
    for _ in range(READY_WITHIN // PAUSE):
        assert child.exit_code() is None, log.read_text("utf-8")
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        sleep(PAUSE.total_seconds())
    pytest.fail(f"{url} was not ready: {log.read_text('utf-8')}")
