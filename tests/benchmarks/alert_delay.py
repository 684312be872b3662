"""Seconds from a deadline to the moment at which a sink has the alert.

`python -m tests.benchmarks.alert_delay [--sink NAME]... [--rate N --seconds N]`: the real tracker
and the real alerts, as operators run them, on the measured core. First a few movements become late,
then so many a second. The sink is a server of this process that takes all; it notes when.
"""

import argparse
import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from starlette.types import Receive, Scope, Send

from schemas.topics import TOPICS
from services.cli.broker import free_port
from services.runtime.clock import parse_clock
from services.runtime.topics import TopicSpec, create_topics
from tests.benchmarks.filling import PARTITIONS, fill, subject_id
from tests.benchmarks.measure import broker, machine, quantile, table
from tests.benchmarks.running import Tracker

SINKS = ("webhook", "pagerduty", "alertmanager")
_HEADER = ("", "alerts", "p50 s", "p99 s", "worst s", "alerts' CPU s", "tracker's", "of s", "MB")
_LEAD = timedelta(seconds=40)
"""In which tracker and alerts are to be ready."""
_AT_REST_A_SECOND = 4
_AT_REST_SECONDS = 20
_PAUSE = timedelta(seconds=5)
_PATIENCE_SECONDS = 90


class Sink:
    """Takes whatever it is sent, and knows when it first heard of each subject."""

    def __init__(self) -> None:
        self.came_at: dict[str, float] = {}
        self.port = free_port()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application."""
        body = b""
        while (part := await receive()).get("more_body"):
            body += part["body"]
        at = time.time()
        for subject in _subjects(json.loads(body + part["body"])):
            self.came_at.setdefault(subject, at)
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @contextmanager
    def listening(self) -> Iterator[None]:
        config = uvicorn.Config(self, port=self.port, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()


def _subjects(said: dict[str, object] | list[dict[str, dict[str, str]]]) -> list[str]:
    """Of whom a message, an event of PagerDuty or a batch for Alertmanager tells."""
    match said:
        case list():
            return [each["labels"].get("subject", "") for each in said]
        case {"data": {"subject_id": str(subject)}}:
            return [subject]
        case {"payload": {"source": str(source)}}:
            return [source.partition("/")[2]]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sink", action="append", choices=SINKS)
    parser.add_argument("--rate", type=int, default=1000, help="deadlines a second")
    parser.add_argument("--seconds", type=int, default=30)
    asked = parser.parse_args()
    for sink in asked.sink or SINKS:
        with TemporaryDirectory() as name, broker(Path(name) / "kafka") as kafka:
            create_topics(kafka.bootstrap, [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS])
            rows = measure(kafka.bootstrap, Path(name), sink, asked.rate, asked.seconds)
        print(f"{sink}; {machine()}")
        print(table(_HEADER, rows), flush=True)


def measure(
    bootstrap: str, folder: Path, sink: str, rate: int, seconds: int
) -> list[Sequence[object]]:
    now = parse_clock("wall").wall()
    at_rest = _moments(now + _LEAD, _AT_REST_A_SECOND, _AT_REST_SECONDS)
    many = _moments(at_rest[-1] + _PAUSE, rate, seconds)
    fill(bootstrap, [*at_rest, *many], now)
    heard = Sink()
    settings = _settings(sink, heard.port, folder)
    with (
        heard.listening(),
        Tracker(bootstrap, folder / "tracker") as tracker,
        Tracker(bootstrap, folder / "alerts", module="services.alerts", **settings) as alerts,
    ):
        ready = max(tracker.await_ready(), alerts.await_ready())
        print(f"ready after {ready:.0f} s, {at_rest[0].timestamp() - time.time():.0f} s early")
        both = (tracker, alerts)
        first = range(len(at_rest))
        rest = range(len(at_rest), len(at_rest) + len(many))
        return [
            _phase(f"{_AT_REST_A_SECOND} a second", at_rest, first, heard, both),
            _phase(f"{rate:,} a second", many, rest, heard, both),
        ]


def _moments(start: datetime, rate: int, seconds: int) -> list[datetime]:
    """So many a second from `start` on, to the millisecond."""
    return [start + timedelta(milliseconds=1000 * n // rate) for n in range(rate * seconds)]


def _phase(
    name: str,
    due: Sequence[datetime],
    numbers: range,
    heard: Sink,
    processes: tuple[Tracker, Tracker],
) -> Sequence[object]:
    tracker, alerts = processes
    time.sleep(max(0.0, due[0].timestamp() - 1 - time.time()))
    began, used = time.time(), (alerts.cpu, tracker.cpu)
    wanted = [subject_id(number) for number in numbers]
    until = due[-1].timestamp() + _PATIENCE_SECONDS
    while time.time() < until and not heard.came_at.keys() >= set(wanted):
        time.sleep(0.2)
    seconds = [
        heard.came_at[subject] - at.timestamp()
        for subject, at in zip(wanted, due, strict=True)
        if subject in heard.came_at
    ]
    cpu = alerts.cpu - used[0], tracker.cpu - used[1]
    shares = (quantile(seconds, share) for share in (0.5, 0.99, 1.0))
    return (name, len(seconds), *shares, *cpu, time.time() - began, alerts.memory / 1e6)


def _settings(sink: str, port: int, folder: Path) -> dict[str, str]:
    secret, key = folder / "webhook.secret", folder / "routing.key"
    secret.write_text(f"whsec_{base64.b64encode(bytes(32)).decode()}")
    key.write_text("0" * 32)
    each_alone = folder / "alerts.toml"
    each_alone.write_text("[storm]\n")  # a digest would stand for most of them
    url = f"http://127.0.0.1:{port}"
    return {
        "CHASQUI_ALERTS_SINKS": sink,
        "CHASQUI_ALERTS_FILE": str(each_alone),
        "CHASQUI_ALERTS_WEBHOOK_URL": url,
        "CHASQUI_ALERTS_WEBHOOK_SECRET_FILE": str(secret),
        "CHASQUI_ALERTS_PAGERDUTY_URL": url,
        "CHASQUI_ALERTS_PAGERDUTY_ROUTING_KEY_FILE": str(key),
        "CHASQUI_ALERTS_ALERTMANAGER_URLS": url,
        "CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP": "1",
    }


if __name__ == "__main__":
    main()
