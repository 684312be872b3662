"""What each process exposes to Prometheus, as its application puts it together, at its start."""

from prometheus_client import CollectorRegistry, Metric

from services.alerts.core.policy import Policy
from services.alerts.job import create_job as alerts_job
from services.alerts.metrics import AlertsMetrics
from services.ingest.metrics import IngestMetrics
from services.runtime.clock import parse_clock
from services.runtime.metrics import RuntimeMetrics
from services.tracker.job import create_job as tracker_job
from services.tracker.metrics import TrackerMetrics

LIMIT = 500
"""Series that a process exposes are fewer."""


def registries() -> dict[str, CollectorRegistry]:
    """A registry of each process, by its name."""
    made = {name: CollectorRegistry() for name in ("ingest", "ingest-kafka", "tracker", "alerts")}
    clock = parse_clock("wall")
    IngestMetrics(made["ingest"], "http", clock)
    IngestMetrics(made["ingest-kafka"], "kafka", clock)
    inputs = tracker_job(1).inputs
    TrackerMetrics(made["tracker"], RuntimeMetrics(made["tracker"], "tracker", inputs))
    RuntimeMetrics(made["alerts"], "alerts", alerts_job(Policy(routes=()), 1).inputs)
    AlertsMetrics(made["alerts"])
    return made


def families(registry: CollectorRegistry) -> dict[str, Metric]:
    """Its metrics by the name they are asked by."""
    found = {}
    for metric in registry.collect():
        suffix = "_total" if metric.type == "counter" else ""
        found[metric.name + suffix] = metric
    return found


def series(registry: CollectorRegistry) -> int:
    """How many series a scrape of it gives."""
    return sum(len(metric.samples) for metric in registry.collect())
