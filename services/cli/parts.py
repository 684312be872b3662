"""Which processes make the whole, and what each is told."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from services.cli.stack import Part


class Ports(NamedTuple):
    """Where everything listens on loopback."""

    http: int = 8080
    """ingest; the tracker and alerts are the next two."""
    metrics: int = 9101
    """The first of four in a row: ingest, ingest-kafka, tracker, alerts."""
    kafka: int = 9092
    """The embedded broker's."""


def service_parts(told: Mapping[str, str], ports: Ports) -> list[Part]:
    """The services, each with this process's environment and what it is `told` on top."""
    ingest, tracker, alerts = (f"http://127.0.0.1:{ports.http + number}" for number in range(3))
    common = {
        **os.environ,
        "CHASQUI_INGEST_URL": ingest,
        "CHASQUI_TRACKER_URL": tracker,
        "PYTHONUNBUFFERED": "1",
        **told,
    }

    def env(http: int | None, metrics: int) -> Mapping[str, str]:
        own = {"CHASQUI_METRICS_PORT": str(ports.metrics + metrics)}
        if http is not None:
            own["CHASQUI_HTTP_PORT"] = str(ports.http + http)
        return {**common, **own}

    by_kafka = f"http://127.0.0.1:{ports.metrics + 1}/metrics"
    return [
        Part("ingest", ("services.ingest", "http"), env(0, 0), f"{ingest}/readyz"),
        Part("ingest-kafka", ("services.ingest", "kafka"), env(None, 1), by_kafka),
        Part("tracker", ("services.tracker",), env(1, 2), f"{tracker}/readyz"),
        Part("alerts", ("services.alerts",), env(2, 3), f"{alerts}/readyz"),
    ]
