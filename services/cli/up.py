"""`chasqui up`: everything on this machine, until Ctrl-C."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.broker import EmbeddedBroker, is_free
from services.cli.errors import CommandError
from services.cli.parts import Ports, service_parts
from services.cli.settings import CliSettings, read_settings
from services.cli.stack import PAUSE, Part, Stack
from services.cli.topics import make_topics
from services.runtime.clock import pin_clock

COLOURS = {"ingest": "cyan", "ingest-kafka": "blue", "tracker": "green", "alerts": "yellow"}
USUAL = Ports()
LAST_PORT = 65_535

Options = Callable[[Callable[..., None]], Callable[..., None]]


def _port(name: str, usual: int, says: str, *, followers: int = 0) -> Options:
    """An option for a port, after which so many more are used."""
    of_a_port = click.IntRange(1, LAST_PORT - followers)
    return click.option(name, type=of_a_port, default=usual, show_default=True, help=says)


@click.command("up")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the broker and the services keep their data (default: CHASQUI_STATE_DIR).",
)
@click.option("--clock", help="Business time: wall, journal, or '2026-01-05T00:00:00Z x30000'.")
@_port("--http-port", USUAL.http, "The first of three.", followers=2)
@_port("--metrics-port", USUAL.metrics, "The first of four.", followers=3)
@_port("--kafka-port", USUAL.kafka, "The own broker's.")
def up(
    *, data: Path | None, clock: str | None, http_port: int, metrics_port: int, kafka_port: int
) -> None:
    """Start the services and, unless CHASQUI_KAFKA_BOOTSTRAP_SERVERS names one, a broker."""
    if data is not None:
        os.environ["CHASQUI_STATE_DIR"] = str(data)
    if clock is not None:
        os.environ["CHASQUI_CLOCK"] = clock
    console = Console()
    with _one_signal_ends():
        try:
            with ExitStack() as running:
                _run(running, console, Ports(http_port, metrics_port, kafka_port))
        except KeyboardInterrupt:
            console.print("everything is stopped")


def _run(running: ExitStack, console: Console, ports: Ports) -> NoReturn:
    settings = read_settings()
    _demand_free(ports)
    broker = None if settings.kafka_is_named else _broker(running, settings, ports, console)
    bootstrap = broker.bootstrap if broker else settings.kafka_bootstrap_servers
    make_topics(settings.model_copy(update={"kafka_bootstrap_servers": bootstrap}))
    told = {
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "CHASQUI_STATE_DIR": str(settings.state_dir.absolute()),
        "CHASQUI_CLOCK": pin_clock(settings.clock),
    }
    parts = service_parts(told, ports)
    stack = running.enter_context(Stack(parts, lambda name, line: _print(console, name, line)))
    running.callback(console.print, "stopping ...")
    stack.start()
    console.print(_where_to_look(parts, stack.pids(), told, settings))
    if settings.clock != "wall":
        same_clock = f"export CHASQUI_CLOCK='{told['CHASQUI_CLOCK']}'"
        console.print(f"for the same clock in other terminals: {same_clock}", soft_wrap=True)
    while True:
        stack.check()
        if broker and broker.exit_code() is not None:
            raise CommandError(f"the broker ended by itself: see {broker.log}.")
        time.sleep(PAUSE.total_seconds())


def _demand_free(ports: Ports) -> None:
    """The ports of the services; the broker looks after its own."""
    wanted = (*range(ports.http, ports.http + 3), *range(ports.metrics, ports.metrics + 4))
    taken = [str(port) for port in wanted if not is_free(port)]
    if taken:
        raise CommandError(f"Ports taken by another program: {', '.join(taken)}.")


def _broker(
    running: ExitStack, settings: CliSettings, ports: Ports, console: Console
) -> EmbeddedBroker:
    console.print(f"starting Kafka on 127.0.0.1:{ports.kafka} ...")
    return running.enter_context(EmbeddedBroker(settings.state_dir / "kafka", ports.kafka))


def _print(console: Console, name: str, line: str) -> None:
    console.print(Text(f"{name:<12} ", COLOURS[name]) + Text(line), soft_wrap=True)


def _where_to_look(
    parts: list[Part], pids: Mapping[str, int], told: Mapping[str, str], settings: CliSettings
) -> Table:
    table = Table("what", "where", "process", caption="ready; Ctrl-C stops everything")
    table.add_row("Kafka", told["CHASQUI_KAFKA_BOOTSTRAP_SERVERS"])
    for part in parts:
        table.add_row(part.name, part.ready_url, str(pids[part.name]))
    table.add_row("data", str(settings.state_dir.absolute()))
    return table


@contextmanager
def _one_signal_ends() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the work, and none disturb the clearing up."""

    def stop(*_: object) -> NoReturn:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
