"""What the tracker measures besides the runtime's own; every label set exists from the start."""

from collections import Counter as Counts
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.vocabulary import DELAY_NAMES, SEVERITIES, STAGES, MovementKind, Stage, State
from services.runtime.metrics import RuntimeMetrics
from services.tracker.core.events import Report
from services.tracker.core.kinds import KINDS
from services.tracker.core.ledger import Number
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.merge import Fate

MovementLabels = tuple[str, str]
"""State and kind."""
DelayLabels = tuple[str, str]
"""Delay and severity."""


class TrackerMetrics:
    """The business in numbers: how many movements are how far, and what of them is late."""

    def __init__(self, registry: CollectorRegistry, runtime: RuntimeMetrics) -> None:
        """Register everything at 0."""
        movements = Gauge(
            "chasqui_movements", "Movements by state.", ["state", "kind"], registry=registry
        )
        delays = Gauge(
            "chasqui_delays_open", "Open delays.", ["delay", "severity"], registry=registry
        )
        self._movements = {
            (state, kind): movements.labels(state, kind)
            for state in get_args(State)
            for kind in get_args(MovementKind)
        }
        units = Gauge(
            "chasqui_commitments_units",
            "Units of all items, goods and people alike, of promises that stand.",
            ["stage"],
            registry=registry,
        )
        self._units = {stage: units.labels(stage) for stage in STAGES}
        self._delays = {(d, s): delays.labels(d, s) for d in DELAY_NAMES for s in SEVERITIES}
        self._unknown_items = Counter(
            "chasqui_unknown_items_total",
            "Registered lines of an item that is not in the catalogue and runs on the defaults.",
            registry=registry,
        )
        self._late = runtime.late
        self._fates = {Fate.DUPLICATE: runtime.duplicates, Fate.STALE: runtime.out_of_order}

    def observe(self, fate: Fate, report: Report, now: datetime) -> None:
        """Count a report that was a duplicate, an older word than the one that stands, or late.

        Late is what happened longer ago than anything may be overdue without an alarm.
        """
        if fate in self._fates:
            self._fates[fate].inc()
        if report.classifier == "actual" and now - report.happened_at > DEFAULT_LIMITS.grace:
            self._late.inc()
        if report.type == "registered" and fate is Fate.APPLIED:
            self._unknown_items.inc(sum(line.item not in KINDS for line in report.lines))

    def show(
        self,
        movements: Counts[MovementLabels],
        delays: Counts[DelayLabels],
        units: Mapping[Stage, Number],
    ) -> None:
        """Set the gauges."""
        for stage, gauge in self._units.items():
            gauge.set(float(units.get(stage, 0)))
        for labels, gauge in self._movements.items():
            gauge.set(movements[labels])
        for labels, gauge in self._delays.items():
            gauge.set(delays[labels])
