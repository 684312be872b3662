"""`make demo`: the story, told to the real services on a real Kafka, weeks in ninety seconds.

With OBSERVE=1 a real Prometheus and a real Alertmanager run beside it, with the shipped
configuration; on a terminal they stay until Ctrl-C.
"""

import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

from kafka import KafkaProducer
from rich.console import Console
from rich.text import Text

from deploy.demo.observers import Observers
from deploy.demo.story import DAY_0, LAST_DAY, Sending, story
from schemas.topics import DELAYS, FIELD_REPORTS, QUARANTINE
from services.cli.broker import EmbeddedBroker
from services.cli.edge import Edge
from services.cli.errors import CommandError
from services.cli.kafka_clients import reading
from services.cli.late_things import COLOURS, LateThings
from services.cli.log_reader import partitions_of, records_to_end
from services.cli.parts import Ports, service_parts
from services.cli.settings import CliSettings
from services.cli.stack import Stack
from services.cli.topics import make_topics
from services.runtime.clock import Clock, parse_clock
from services.runtime.keys.file import add_source

FOLDER = Path("var/demo")
SPEED = 30_000
LEAD = timedelta(seconds=12)
"""What the services have to start in before the story begins."""
AFTERMATH = timedelta(seconds=4)
PORTS = Ports(http=18080, metrics=19101)
TOLD = re.compile(
    r"^(?P<sentence>.*) \[(?P<news>\w+)(: (?P<because>\w+))? \| (?P<severity>\w+) \| (?P<delay>\w+)"
    r" \| (?P<about>\S*) \| (?P<audience>\w+)\]$"
)
LOGGED = re.compile(r"^\d\d:\d\d:\d\d [A-Z]+ ")
MARKS = {"opened": "late", "changed": "news", "resolved": "over"}


class Demo:
    """The running demo: tells the story and shows what the alerts service says meanwhile."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._clock = clock

    def hear(self, part: str, line: str) -> None:
        """Show an alert as a person would want to read it; of the rest only what is no log line."""
        told = TOLD.match(line)
        if told is None:
            if LOGGED.match(line) is None:
                self._console.print(Text(f"{part}: {line}", "red"))
            return
        style = "green" if told["news"] == "resolved" else COLOURS[told["severity"]]
        day = f"{self._clock.now():%d %b}"
        mark = f"{day}  {MARKS[told['news']]}  {told['severity']:<8} {told['delay']:<18} "
        self._console.print(Text.assemble((mark, style), told["sentence"]))

    def tell(self, sendings: list[Sending], edge: Edge, producer: KafkaProducer, key: str) -> None:
        """Send each event when its source gets to send it."""
        for sending in sendings:
            self._wait_until_day(sending.day)
            if sending.way == "http":
                edge.send([sending.value])
            else:
                headers = [("key", key.encode())]
                sent = producer.send(FIELD_REPORTS.full_name, sending.value, headers=headers)
                sent.get(timeout=30)
        self._wait_until_day(LAST_DAY)

    def _wait_until_day(self, day: float) -> None:
        seconds = self._clock.seconds_until(DAY_0 + timedelta(days=day))
        if seconds is not None and seconds > 0:
            time.sleep(seconds)


def main() -> None:
    """Set up, tell, show what is late in the end, and stop everything."""
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as running:
        console.print("Starting a real Kafka ...")
        broker = running.enter_context(EmbeddedBroker(FOLDER / "kafka"))
        if os.environ.get("OBSERVE") == "1":
            console.print("Starting a real Prometheus and a real Alertmanager ...")
            observers = running.enter_context(Observers(FOLDER / "observers", PORTS))
            _run(running, console, broker.bootstrap, observers.told)
            last_words = _look_around(console, observers)
        else:
            _run(running, console, broker.bootstrap, {})
            last_words = ""
        console.print("Stopping ...")
    if last_words:
        console.print(last_words, soft_wrap=True)


def _look_around(console: Console, observers: Observers) -> str:
    """Show where to look, for as long as somebody may; answers what is open then."""
    console.print(observers.where_to_look(), soft_wrap=True)
    if sys.stdin.isatty() and sys.stdout.isatty():
        console.print("Ctrl-C stops it all.")
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(60)
    return observers.open_alerts()


def _run(running: ExitStack, console: Console, bootstrap: str, more: Mapping[str, str]) -> None:
    settings = CliSettings(kafka_bootstrap_servers=bootstrap, state_dir=FOLDER)
    make_topics(settings)
    publishers = ("US-*", "EC-*")
    key = add_source(FOLDER / "sources.toml", "field", publishers)
    anchor = parse_clock("wall").now() + LEAD
    spec = f"{DAY_0:%Y-%m-%dT%H:%M:%SZ} x{SPEED} @{anchor.timestamp():.3f}"
    told = {
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "CHASQUI_STATE_DIR": str(FOLDER.absolute()),
        "CHASQUI_SOURCES_FILE": str((FOLDER / "sources.toml").absolute()),
        "CHASQUI_CLOCK": spec,
        "CHASQUI_ALERTS_SINKS": "log",
        "CHASQUI_ALERTS_SETTLE": "PT0.2S",
        "CHASQUI_ALERTS_DIGEST_AFTER": "PT5S",
        **more,
    }
    parts = service_parts(told, PORTS)
    demo = Demo(console, parse_clock(spec))
    stack = running.enter_context(Stack(parts, demo.hear))
    console.print("Starting ingest, ingest-kafka, tracker and alerts ...")
    stack.start()
    console.print(f"From {DAY_0:%d %b %Y} on, a day takes {86_400 / SPEED:.1f} seconds.\n")
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    running.callback(producer.close)
    edge = running.enter_context(Edge(f"http://127.0.0.1:{PORTS.http}", key))
    demo.tell(story(), edge, producer, key)
    time.sleep(AFTERMATH.total_seconds())
    stack.check()
    _show_the_end(console, bootstrap)


def _show_the_end(console: Console, bootstrap: str) -> None:
    late = LateThings()
    with reading(bootstrap) as consumer:
        for record in records_to_end(consumer, partitions_of(consumer, DELAYS.full_name)):
            late.hear(record.value)
        refused = records_to_end(consumer, partitions_of(consumer, QUARANTINE.full_name))
        reasons = sorted(dict(record.headers)["reason"].decode() for record in refused)
    console.print()
    console.print(late.table())
    console.print(f"In quarantine, with their reasons: {', '.join(reasons) or 'nothing'}.")


if __name__ == "__main__":
    try:
        main()
    except CommandError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("stopped")
