"""Puts the tracker together: the engine, what it counts, and its two listeners."""

from prometheus_client import CollectorRegistry

from schemas.topics import (
    ACTIVITY,
    COMMITMENTS,
    CONTRIBUTIONS,
    DELAYS,
    EVENTS,
    MOVEMENTS,
    PUBLISHERS,
    QUARANTINE,
)
from services.runtime.app import ServiceApp
from services.runtime.clock import Clock
from services.runtime.engine import Engine
from services.runtime.metrics import MetricsServer, RuntimeMetrics
from services.runtime.ownership import Ownership
from services.runtime.topics import TopicSpec
from services.runtime.web import WebServer
from services.tracker.buried import Buried
from services.tracker.http import create_http
from services.tracker.job import create_job
from services.tracker.metrics import TrackerMetrics
from services.tracker.peers import Peers
from services.tracker.settings import TrackerSettings
from services.tracker.tally import Tally


def create_app(settings: TrackerSettings, *, clock: Clock) -> ServiceApp:
    """The process of the tracker."""
    registry = CollectorRegistry()
    read = (EVENTS.full_name, CONTRIBUTIONS.full_name, ACTIVITY.full_name)
    runtime_metrics = RuntimeMetrics(registry, "tracker", read)
    metrics = TrackerMetrics(registry, runtime_metrics)
    tally = Tally(metrics)
    job = create_job(settings.partitions, tally.observe, hear=metrics.observe)
    engine = Engine(job, settings, clock, runtime_metrics, topics=topics_of(settings.partitions))
    tally.states = engine
    ownership = Ownership(job, settings)
    buried = Buried(
        settings.kafka_bootstrap_servers,
        settings.partitions,
        settings.tracker_buried_events,
    )
    peers = Peers(ownership)
    web = WebServer(create_http(engine, peers, buried), settings)
    shown = MetricsServer(registry, settings)
    return ServiceApp(job.name, settings, shown, web, peers, ownership, buried, tally, engine)


def topics_of(partitions: int) -> tuple[TopicSpec, ...]:
    """What the tracker reads and writes."""
    topics = (
        EVENTS,
        ACTIVITY,
        MOVEMENTS,
        CONTRIBUTIONS,
        COMMITMENTS,
        PUBLISHERS,
        DELAYS,
        QUARANTINE,
    )
    return tuple(TopicSpec.of(topic, partitions) for topic in topics)
