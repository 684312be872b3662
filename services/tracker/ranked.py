"""Gauges of names that come and go: only so many are exposed, whatever is sent."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

Samples = Mapping[tuple[str, ...], float]
"""Values by the label values."""


class Ranked(Collector):
    """A gauge that exposes what it was shown last and nothing else; a scrape sees it whole."""

    def __init__(
        self, registry: CollectorRegistry, name: str, says: str, labels: tuple[str, ...]
    ) -> None:
        self._name = name
        self._says = says
        self._labels = labels
        self._samples: Samples = {}
        registry.register(self)

    def show(self, samples: Samples) -> None:
        """Expose these from now on."""
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        """What Prometheus is told; it asks from a thread of its own."""
        family = GaugeMetricFamily(self._name, self._says, labels=self._labels)
        for labels, value in self._samples.items():
            family.add_metric(labels, value)
        yield family
