"""Puts alerts together: the engine, the calls it makes, what it shows, and its two listeners."""

from prometheus_client import CollectorRegistry

from schemas.topics import (
    ALERTS,
    AUDIT,
    BACKLOG,
    COMMANDS,
    DEAD_LETTERS,
    DELAYS,
    QUARANTINE,
    RECEIPTS,
    REPLAYS,
)
from services.alerts.calling import Calling
from services.alerts.core.book import Book
from services.alerts.core.digest import Digest
from services.alerts.core.outbox import given_up
from services.alerts.core.policy import Policy
from services.alerts.http import create_http
from services.alerts.job import create_job
from services.alerts.metrics import AlertsMetrics
from services.alerts.reception import create_reception
from services.alerts.settings import AlertsSettings, policy_of
from services.alerts.showing import Showing
from services.alerts.sinks import EDGE_SINKS, LEVEL_SINKS
from services.runtime.app import ServiceApp
from services.runtime.clock import Clock
from services.runtime.engine import Engine
from services.runtime.failpoints import parse_failpoint
from services.runtime.job import Observe
from services.runtime.metrics import MetricsServer, RuntimeMetrics
from services.runtime.topics import TopicSpec
from services.runtime.web import WebServer


def create_app(settings: AlertsSettings, *, clock: Clock) -> ServiceApp:
    """The process of alerts. Raises ValueError or OSError where a sink's settings are wrong."""
    registry = CollectorRegistry()
    metrics = AlertsMetrics(registry)
    policy = policy_of(settings, clock)
    names = settings.alerts_sinks
    edge = {str(n): EDGE_SINKS[n](settings, clock) for n in names if n in EDGE_SINKS}
    level = {str(n): LEVEL_SINKS[n](settings, clock) for n in names if n in LEVEL_SINKS}
    passing = parse_failpoint(settings.failpoint)
    calling = Calling(edge, settings.kafka_bootstrap_servers, clock, metrics, passing)
    showing = Showing(level, policy, clock, metrics, settings.alerts_resend)
    job = create_job(policy, settings.partitions, _observer(showing, metrics, clock, policy))
    engine = Engine(
        job,
        settings,
        clock,
        RuntimeMetrics(registry, job.name, job.inputs),
        topics=topics_of(settings.partitions),
        execute=calling.execute,
    )
    showing.states = engine
    reception = create_reception(settings, clock)
    web = WebServer(create_http(engine, *reception.routes), settings)
    shown = MetricsServer(registry, settings)
    parts = (shown, web, calling, *reception.services, engine, showing)
    return ServiceApp(job.name, settings, *parts)


def topics_of(partitions: int) -> tuple[TopicSpec, ...]:
    """What alerts reads and writes; `partitions` of every topic that does not say otherwise."""
    read = (DELAYS, COMMANDS, RECEIPTS, BACKLOG, REPLAYS)
    written = (ALERTS, AUDIT, DEAD_LETTERS, QUARANTINE)
    return tuple(TopicSpec.of(topic, partitions) for topic in (*read, *written))


def _observer(showing: Showing, metrics: AlertsMetrics, clock: Clock, policy: Policy) -> Observe:
    def observe(processor: str, before: object, after: object) -> None:
        del processor
        showing.observe(before, after)
        if isinstance(after, Book):
            metrics.press(before if isinstance(before, Book) else None, after)
        if isinstance(before, Book | Digest) and isinstance(after, Book | Digest):
            for message in given_up(before.outbox, after.outbox, clock.wall(), policy):
                metrics.give_up(message.sink)

    return observe
