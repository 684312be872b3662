"""One process: a Faust app that hosts a service's parts, its signals and its exit code."""

import faust
from faust.app.base import BootStrategy
from mode import Worker

from services.runtime.garbage import collect_seldom
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


def run(app: faust.App, settings: RuntimeSettings) -> None:
    """Run until SIGTERM or SIGINT (exit 0) or a crash (exit 1)."""
    configure_logs(settings.log_level)
    collect_seldom()
    worker = Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.execute_from_commandline()
