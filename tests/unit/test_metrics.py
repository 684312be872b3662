"""What the processes expose is what docs/metrics.md says, and never too much."""

import re
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from services.tracker.ranked import Ranked
from tests.support.exposed import LIMIT, families, registries, series

DOCUMENT = Path("docs/metrics.md")
ROW = re.compile(r"^\| (?P<name>\w+) \| (?P<type>\w+) \| (?P<labels>[\w, ]*?) ?\| (?P<of>[^|]+) \|")


class Row(NamedTuple):
    """One metric as it is documented."""

    type: str
    labels: frozenset[str]
    of: frozenset[str]


def documented() -> dict[str, Row]:
    rows = (ROW.match(line) for line in DOCUMENT.read_text("utf-8").splitlines())
    found = {row["name"]: row for row in rows if row and row["name"] != "metric"}
    return {
        f"chasqui_{name}": Row(
            row["type"],
            frozenset(row["labels"].split(", ")) - {""},
            frozenset(registries() if row["of"] == "all" else row["of"].split(", ")),
        )
        for name, row in found.items()
    }


def labels_of(registry: CollectorRegistry) -> dict[str, frozenset[str]]:
    """The label names of every metric that a process registered, also of one without samples."""
    return {
        name: frozenset(each._labels if isinstance(each, Ranked) else each._labelnames)
        for each in registry._collector_to_names
        for name in names_of(each)
    }


def names_of(collector: Collector) -> list[str]:
    alone = CollectorRegistry()
    alone.register(collector)
    return list(families(alone))


def test_every_metric_is_documented_as_it_is() -> None:
    exposed: dict[str, Row] = {}
    for process, registry in registries().items():
        labels = labels_of(registry)
        for name, metric in families(registry).items():
            known = exposed.get(name, Row(metric.type, labels[name], frozenset()))
            assert (known.type, known.labels) == (metric.type, labels[name]), name
            exposed[name] = known._replace(of=known.of | {process})
    assert exposed == documented()


def test_a_process_that_has_heard_nothing_exposes_every_label_set_at_nothing() -> None:
    for process, registry in registries().items():
        assert 20 < series(registry) < LIMIT, process
        values = {
            sample.name: sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if sample.name != "chasqui_build_info"
        }
        assert not any(values.values()), process
