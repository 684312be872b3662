"""The runtime's metrics and the loopback listener that serves a process's registry."""

from collections.abc import Iterable
from importlib.metadata import version
from wsgiref.simple_server import WSGIServer

from faust import Service
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    start_http_server,
)

from services.runtime.settings import RuntimeSettings

STAGES = ("handle", "flush", "recover")
_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0)

# When each counter was born is one more series for each, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]


class RuntimeMetrics:
    """What every service measures; all label sets exist from the start, at 0."""

    def __init__(self, registry: CollectorRegistry, service: str, topics: Iterable[str]) -> None:
        def counter(name: str, says: str, **labels: str) -> Counter:
            made = Counter(f"chasqui_{name}", says, ["service", *labels], registry=registry)
            return made.labels(service, *labels.values())

        def gauge(name: str, says: str, label: str, *values: str) -> list[Gauge]:
            made = Gauge(f"chasqui_{name}", says, [label], registry=registry)
            return [made.labels(value) for value in values]

        self.handled = counter("events_handled_total", "Records handled.")
        self.duplicates = counter("events_duplicate_total", "Events known already.")
        self.late = counter("events_late_total", "Events that came late.")
        self.out_of_order = counter("events_out_of_order_total", "Events older than their subject.")
        self.deadlines_failed = counter("deadlines_failed_total", "Keys marked broken.")
        self.rebalances = counter("rebalances_total", "Assignments of partitions.")
        self._service = service
        self._buried = Counter(
            "chasqui_events_buried_total", "Records put in quarantine.", ["service", "reason"],
            registry=registry,
        )  # fmt: skip
        self.buried = self.buried_for("broken")
        stages = Histogram(
            "chasqui_stage_seconds", "Time a stage took.", ["service", "stage"],
            buckets=_FAST, registry=registry,
        )  # fmt: skip
        self.stage = {stage: stages.labels(service, stage) for stage in STAGES}
        recovery = Histogram(
            "chasqui_table_recovery_seconds", "Time until a partition's states were recovered.",
            ["service"], buckets=_SLOW, registry=registry,
        )  # fmt: skip
        self.recovery = recovery.labels(service)
        topics = tuple(topics)
        lag = gauge("consumer_lag_records", "Records not yet handled.", "topic", *topics)
        ages = gauge("consumer_lag_seconds", "Age of what was handled last.", "topic", *topics)
        self.lag = dict(zip(topics, zip(lag, ages, strict=True), strict=True))
        of = ("service", service)
        (self.last_event,) = gauge("last_event_timestamp_seconds", "Last record.", *of)
        (self.recovering,) = gauge("table_recovering", "Partitions recovering.", *of)
        (self.keys,) = gauge("table_keys", "Keys kept.", *of)
        gauge("build_info", "What runs here.", "version", version("chasqui"))[0].set(1)

    def buried_for(self, reason: str) -> Counter:
        """The counter of what is in quarantine for that reason; it is there, at 0, from now on."""
        return self._buried.labels(self._service, reason)


class MetricsServer(Service):  # type: ignore[misc]
    """Serves /metrics on a listener of its own."""

    def __init__(self, registry: CollectorRegistry, settings: RuntimeSettings) -> None:
        super().__init__()
        self.port = settings.metrics_port
        self._host = settings.metrics_host
        self._registry = registry
        self._server: WSGIServer | None = None

    async def on_start(self) -> None:
        self._server, _ = start_http_server(self.port, self._host, self._registry)
        self.port = self._server.server_port

    async def on_stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
