"""Builds the image and runs the edge and the tracker from it, as hardened as they are deployed.

Usage: make image-check ARGS='[--builder "podman --storage-driver vfs"] [--base localhost/base:12]'

The containers use this machine's network and the embedded Kafka. What is checked: it builds from
the locks; it runs without root, capabilities or a writable root, and holds no pip; an event that
the edge accepts is a movement of the tracker; SIGTERM ends both with 0.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import click
import httpx

from services.cli.broker import EmbeddedBroker, free_port
from services.runtime.keys.file import add_source

IMAGE = "localhost/chasqui:check"
EXAMPLE = Path("schemas/examples/departed/by_road.json")
USER = "10001:10001"
HARDENED = (
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--network=host",
)
NOT_IN_IT = ("pip", "pytest", "hatchling")
LOOK_AROUND = f"""
import importlib.util, json, os
found = [name for name in {NOT_IN_IT} if importlib.util.find_spec(name)]
writes = [p for p in ("/opt/chasqui", "/etc", "/usr/local") if os.access(p, os.W_OK)]
print(json.dumps({{"user": os.getuid(), "found": found, "writes": writes}}))
"""
ACCEPTED = 202
PATIENCE = timedelta(seconds=90)
PAUSE = timedelta(milliseconds=500)


class Builder:
    """Podman, or what speaks as it does."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    def build(self, base: str | None, more: str) -> None:
        """Build the image; what it says is shown."""
        chosen = ("--build-arg", f"BASE={base}") if base else ()
        # Podman's own format knows no health check.
        docker = ("--format", "docker") if "podman" in self._command[0] else ()
        arguments = ("--file", "deploy/Containerfile", "--tag", IMAGE, *docker, *chosen)
        subprocess.run([*self._command, "build", *arguments, *shlex.split(more), "."], check=True)

    def ask(self, *arguments: str) -> str:
        """Run it and return what it prints; SystemExit when it fails."""
        done = subprocess.run(
            [*self._command, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{shlex.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout.strip()

    def fails(self, *arguments: str) -> bool:
        """Whether it fails, as it should."""
        done = subprocess.run([*self._command, *arguments], capture_output=True, check=False)
        return done.returncode != 0

    @contextmanager
    def running(self, name: str, env: Mapping[str, str], *more: str) -> Iterator[None]:
        """A container until it is stopped; SystemExit when SIGTERM does not end it with 0."""
        told = [f"--env={key}={value}" for key, value in env.items()]
        self.ask("run", "--detach", f"--name={name}", *HARDENED, *told, *more)
        try:
            yield
            self.ask("stop", "--time=30", name)
            code = self.ask("inspect", "--format={{.State.ExitCode}}", name)
            demand(code == "0", f"{name} ends with 0 when it is told to")
        finally:
            subprocess.run([*self._command, "logs", "--tail=3", name], check=False)
            self.ask("rm", "--force", name)

    def await_health(self, name: str) -> None:
        """Wait until the image's own health check says that it is ready."""
        for _ in range(PATIENCE // PAUSE):
            if not self.fails("exec", name, "chasqui", "health"):
                return
            time.sleep(PAUSE.total_seconds())
        sys.exit(f"{name} was not ready within {PATIENCE}")


def demand(holds: object, what: str) -> None:
    """Say what holds; SystemExit when it does not."""
    if not holds:
        sys.exit(f"not so: {what}")
    click.echo(f"so it is: {what}")


def check_contents(builder: Builder) -> None:
    """What can be seen without a service."""
    about = json.loads(builder.ask("inspect", IMAGE))[0]
    demand(about["Config"]["User"] == USER, f"its user is {USER}")
    # Podman names it beside the rest, Docker within.
    asked = about.get("Healthcheck") or about["Config"].get("Healthcheck")
    demand(asked, "it says how its health is asked")
    run = ("run", "--rm", *HARDENED)
    demand("chasqui" in builder.ask(*run, IMAGE, "--version"), "it runs with a read-only root")
    python = ("--entrypoint=/opt/chasqui/bin/python", IMAGE, "-c", LOOK_AROUND)
    seen = json.loads(builder.ask(*run, *python))
    demand(seen["user"] == int(USER.partition(":")[0]), "it is not root")
    demand(not seen["found"], f"it has none of {', '.join(NOT_IN_IT)}")
    demand(not seen["writes"], "nothing of it can be written")
    click.echo(f"it is {int(about['Size']) / 1e6:.0f} MB")


def check_services(builder: Builder, folder: Path, stack: ExitStack) -> None:
    """An event through the edge and the tracker, both in containers."""
    broker = stack.enter_context(EmbeddedBroker(folder / "broker"))
    edge, tracker = free_port(), free_port()
    keys = folder / "sources"
    keys.mkdir()
    key = add_source(keys / "sources.toml", "check", ("*",))
    # The container's user is nobody here.
    for path in (folder, keys, keys / "sources.toml"):
        path.chmod(0o755)
    env = {"CHASQUI_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap, "CHASQUI_METRICS_PORT": "0"}
    told = [f"--env={name}={value}" for name, value in env.items()]
    builder.ask("run", "--rm", *HARDENED, *told, IMAGE, "topics", "create")
    for name, port, more in (
        ("edge", edge, (f"--volume={keys}:/etc/chasqui/sources:ro", IMAGE, "ingest", "http")),
        ("tracker", tracker, (IMAGE, "tracker")),
    ):
        health = f"http://127.0.0.1:{port}/readyz"
        own = {"CHASQUI_HTTP_PORT": str(port), "CHASQUI_HEALTH_URL": health}
        container = f"chasqui-check-{name}-{os.getpid()}"
        stack.enter_context(builder.running(container, env | own, *more))
        builder.await_health(container)
    event = json.loads(EXAMPLE.read_text())
    headers = {"authorization": f"Bearer {key}"}
    answer = httpx.post(f"http://127.0.0.1:{edge}/v1/events", json=event, headers=headers)
    demand(answer.status_code == ACCEPTED, "the edge accepts an event")
    url = f"http://127.0.0.1:{tracker}/v1/movements/{event['kind']}/{event['subject_id']}"
    for _ in range(PATIENCE // PAUSE):
        if httpx.get(url).is_success:
            break
        time.sleep(PAUSE.total_seconds())
    demand(httpx.get(url).is_success, "the tracker knows its movement")


@click.command()
@click.option("--builder", "command", default="podman", show_default=True, help="What builds.")
@click.option("--base", help="An image in place of the one that the Containerfile names.")
@click.option("--build", "more", default="", help="More arguments of `build`.")
def main(command: str, base: str | None, more: str) -> None:
    """Build the image and run what it is for."""
    builder = Builder(command)
    builder.build(base, more)
    check_contents(builder)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        check_services(builder, Path(folder), stack)


if __name__ == "__main__":
    main()
