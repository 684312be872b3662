"""One process: a Faust app that hosts a service's parts, its signals and its exit code."""

import gc

import faust
from faust.app.base import BootStrategy
from mode import Worker

from services.runtime.logs import configure_logs
from services.runtime.settings import RuntimeSettings


class _OwnClients(BootStrategy):  # type: ignore[misc]
    """The parts bring their own Kafka clients and their own web server."""

    enable_kafka = False
    enable_web = False


class ServiceApp(faust.App):  # type: ignore[misc]
    """A Faust app without streams of its own; its parts start in order and stop in reverse."""

    producer_only = True
    BootStrategy = _OwnClients

    def __init__(self, name: str, settings: RuntimeSettings, *parts: faust.Service) -> None:
        super().__init__(
            f"chasqui-{name}",
            broker=f"kafka://{settings.kafka_bootstrap_servers}",
            datadir=str(settings.state_dir / name / "faust"),
            web_enabled=False,
        )
        for part in parts:
            self.service(part)


_COLLECT_AFTER = (10_000, 10, 1000)
"""States are many, live long and are in no cycles; with Python's own thresholds it looks through
all of them again and again: a fifth of the CPU, and pauses that grow with the number of states."""


def run(app: faust.App, settings: RuntimeSettings) -> None:
    """Run until SIGTERM or SIGINT (exit 0) or a crash (exit 1)."""
    configure_logs(settings.log_level)
    gc.set_threshold(*_COLLECT_AFTER)
    worker = Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.execute_from_commandline()
