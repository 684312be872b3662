"""The whole stack on a real Kafka, scraped by a real Prometheus: every panel has something to show.

A few hundred events tell of deliveries that go right, are late and are doubted, by two publishers,
over both ways in; the clock runs fast, so that what is due today is late within seconds.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer

from schemas.topics import FIELD_REPORTS
from services.cli.broker import EmbeddedBroker
from services.cli.edge import Edge
from services.cli.parts import service_parts
from services.cli.settings import CliSettings
from services.cli.stack import Stack
from services.cli.topics import make_topics
from services.runtime.clock import parse_clock, pin_clock
from services.runtime.keys.file import add_source
from tests.integration.alerts.alertmanager import Alertmanager, alertmanager
from tests.integration.alerts.receiver import Receiver
from tests.integration.alerts.site import eventually
from tests.integration.cli.test_up import free_ports
from tests.support.boards import queries
from tests.support.deployed import metrics_of, rules_text
from tests.support.prometheus import Prometheus, prometheus
from tests.support.telling import OWNER, Story, promise, shipment

OTHER = "US-FBI"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POISON = b'{"kind": "shipment", "subject_id": "EC-VEST-0102", "type": "arr'
WITHIN = 45.0
"""Seconds until all that was told is judged, scraped and recorded, on a busy machine."""


class Watched:
    """The running stack and those who watch it."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self._running = running
        self.said: list[str] = []
        people = running.enter_context(Receiver().listening())
        self.peer: Alertmanager = alertmanager(folder, people)
        running.enter_context(self.peer.running())
        self.bootstrap = running.enter_context(EmbeddedBroker(folder / "kafka")).bootstrap
        make_topics(CliSettings(kafka_bootstrap_servers=self.bootstrap, state_dir=folder))
        self._key = add_source(folder / "sources.toml", "field", ("US-*", "EC-*"))
        clock = pin_clock("2026-01-05T00:00:00Z x30000")
        self.clock = parse_clock(clock)
        self.ports = free_ports()
        self._start(folder, clock)
        self.prometheus: Prometheus = prometheus(folder)
        scraped = self.prometheus.running(self._targets(), [self.peer.port])
        running.enter_context(scraped)

    def tell(self) -> None:
        """Over HTTP, again in part, and over Kafka; some of it is no event."""
        now = self.clock.now()
        said = [orjson.dumps(word.event) for each in told(now) for word in each.words]
        with Edge(f"http://127.0.0.1:{self.ports.http}", self._key) as edge:
            edge.send([*said[: len(said) // 2], POISON])
            edge.send([*said[:20], orjson.dumps({**orjson.loads(said[0]), "colour": "red"})])
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all")
        for value in (*said[len(said) // 2 :], POISON):
            headers = [("key", self._key.encode())]
            producer.send(FIELD_REPORTS.full_name, value, headers=headers)
        producer.close()

    def unanswered(self) -> list[tuple[str, str, str]]:
        """The queries of panels that give nothing, or nothing that is a number."""
        return [asked for asked in queries() if not self._numbers(asked.expr)]

    def unscraped(self) -> list[str]:
        """The metrics that rules name and nobody exposes."""
        names = sorted(metrics_of(rules_text()))
        return [name for name in names if not self._numbers(f'{{__name__=~"{name}(_bucket)?"}}')]

    def _numbers(self, expr: str) -> list[float]:
        values = (float(sample["value"][1]) for sample in self.prometheus.query(expr))
        return [value for value in values if not math.isnan(value)]

    def _targets(self) -> dict[str, int]:
        parts = ("ingest", "ingest-kafka", "tracker", "alerts")
        return {part: self.ports.metrics + number for number, part in enumerate(parts)}

    def _start(self, folder: Path, clock: str) -> None:
        told = {
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "CHASQUI_STATE_DIR": str(folder),
            "CHASQUI_SOURCES_FILE": str(folder / "sources.toml"),
            "CHASQUI_CLOCK": clock,
            "CHASQUI_ALERTS_SINKS": "log,alertmanager",
            "CHASQUI_ALERTS_ALERTMANAGER_URLS": self.peer.url,
            "CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP": "1",
            "CHASQUI_ALERTS_SETTLE": "PT0.2S",
            "CHASQUI_ALERTS_RESEND": "PT1S",
        }
        stack = Stack(service_parts(told, self.ports), lambda _, line: self.said.append(line))
        self._running.enter_context(stack).start()


def told(now: datetime) -> Iterator[Story]:
    """A promise of two publishers: a third is handed over, the rest is due in half a day."""
    yield promise("P").committed(now + 30 * DAY, at=now - 9 * DAY, vest=900)
    for number in range(60):
        by = OWNER if number % 2 else OTHER
        story = shipment(f"EC-{number:03d}").registered(
            at=now - 3 * DAY, vest=10, commitment="P", country="EC", by=by
        )
        story = story.planned("handed_over", now + DAY / 2, said=now - 3 * DAY, by=by)
        story = story.departed(now - number * HOUR, by=by, mode="sea", silent_until=now + 9 * DAY)
        yield story.handed_over(now, 10, by=by) if number % 3 == 0 else story


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with ExitStack() as running:
        made = Watched(tmp_path_factory.mktemp("watched"), running)
        up = 'count(up{job="chasqui"} == 1)'
        eventually(lambda: made._numbers(up) == [4], "all four parts are scraped")
        made.tell()
        yield made


def test_every_query_of_every_panel_returns_data(watched: Watched) -> None:
    try:
        eventually(lambda: not watched.unanswered(), "every panel shows something", WITHIN)
    except AssertionError:
        pytest.fail(f"nothing: {watched.unanswered()}\n" + "\n".join(watched.said[-40:]))


def test_the_figures_are_those_of_what_was_told(watched: Watched) -> None:
    def sums(expr: str) -> list[float]:
        return watched._numbers(f"sum({expr})")

    units = [
        sums(f'chasqui_commitments_units_by_country{{country="EC",stage="{stage}"}}')
        for stage in ("promised", "covered", "moving", "handed_over")
    ]
    assert units == [[900], [600], [400], [200]]
    late = 'chasqui_subjects_late{kind="shipment",severity=~"warning|critical"}'
    eventually(lambda: sums(late) == [40], "what was due in half a day is late", WITHIN)
    by_country = 'chasqui_subjects_late_by_country{country="EC",severity!="info"}'
    eventually(lambda: sums(by_country) >= [40], "and late in its country")
    assert sums('chasqui_publisher_reports{publisher=~"US-.*"}') == [219]
    assert sums('chasqui_events_buried_total{reason="not_json"}') == [2]


def test_every_metric_in_a_rule_is_scraped(watched: Watched) -> None:
    assert watched.unscraped() == []


def test_the_rules_are_judged_without_error_and_told_to_alertmanager(watched: Watched) -> None:
    groups = watched.prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 20
    assert [rule["lastError"] for rule in rules if rule.get("lastError")] == []
    told = ("ChasquiPrometheusWatchdog", "none")
    eventually(lambda: told in watched.peer.firing(), "Prometheus tells Alertmanager")
    wrong = {name for name, _ in watched.peer.firing() if name.startswith("Chasqui")}
    assert wrong <= {"ChasquiPrometheusWatchdog", "ChasquiAlertsLate", "ChasquiLag"}


def test_what_the_processes_expose_is_what_is_documented_and_bounded(watched: Watched) -> None:
    for sample in watched.prometheus.query("scrape_samples_scraped"):
        assert 50 < float(sample["value"][1]) < 500
