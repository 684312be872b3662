"""What the tracker measures besides the runtime's own; every label set exists from the start."""

from collections import Counter as Counts
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas.vocabulary import (
    DELAY_NAMES,
    KINDS,
    SEVERITIES,
    STAGES,
    MovementKind,
    RefusalReason,
    Stage,
    State,
)
from services.runtime.metrics import RuntimeMetrics
from services.tracker.breakdown import OTHER, UNKNOWN, Sums
from services.tracker.cards import Card
from services.tracker.core.events import Report
from services.tracker.core.kinds import KINDS as ITEM_KINDS
from services.tracker.core.ledger import Number
from services.tracker.core.limits import DEFAULT_LIMITS
from services.tracker.core.merge import Fate
from services.tracker.ranked import Ranked

MovementLabels = tuple[str, str]
"""State and kind."""
DelayLabels = tuple[str, str]
"""Delay and severity."""
LateLabels = tuple[str, str]
"""Kind and severity."""

_BURIED = {Fate.CONFLICT: RefusalReason.CONFLICT, Fate.TOO_MANY: RefusalReason.TOO_MANY_EVENTS}


class TrackerMetrics:
    """The business in numbers: how many movements are how far, and what of them is late."""

    def __init__(self, registry: CollectorRegistry, runtime: RuntimeMetrics) -> None:
        """Register everything at 0."""

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"chasqui_{name}", says, labels, registry=registry)

        movements = gauge("movements", "Movements by state.", "state", "kind")
        self._movements = {
            (state, kind): movements.labels(state, kind)
            for state in get_args(State)
            for kind in get_args(MovementKind)
        }
        delays = gauge("delays_open", "Open delays.", "delay", "severity")
        self._delays = {(d, s): delays.labels(d, s) for d in DELAY_NAMES for s in SEVERITIES}
        says = "Units of all items, goods and people alike, of promises that stand."
        units = gauge("commitments_units", says, "stage")
        self._units = {stage: units.labels(stage) for stage in STAGES}
        late = gauge("subjects_late", "Subjects by their gravest open delay.", "kind", "severity")
        self._late = {(k, s): late.labels(k, s) for k in KINDS for s in SEVERITIES}
        self._unknown_items = Counter(
            "chasqui_unknown_items_total",
            "Registered lines of an item that is not in the catalogue and runs on the defaults.",
            registry=registry,
        )
        self._late_events = runtime.late
        self._fates = {Fate.DUPLICATE: runtime.duplicates, Fate.STALE: runtime.out_of_order}
        self._fates |= {fate: runtime.buried_for(reason) for fate, reason in _BURIED.items()}
        self.by_country = SideMetrics(registry, "country")
        self.by_agency = SideMetrics(registry, "agency")
        self.publishers = PublisherMetrics(registry)

    def observe(self, fate: Fate, report: Report, now: datetime) -> None:
        """Count a report that was a duplicate, an older word, set aside, or late.

        Late is what happened longer ago than anything may be overdue without an alarm.
        """
        if fate in self._fates:
            self._fates[fate].inc()
        if report.classifier == "actual" and now - report.happened_at > DEFAULT_LIMITS.grace:
            self._late_events.inc()
        if report.type == "registered" and fate is Fate.APPLIED:
            self._unknown_items.inc(sum(line.item not in ITEM_KINDS for line in report.lines))

    def show(
        self,
        movements: Counts[MovementLabels],
        delays: Counts[DelayLabels],
        late: Counts[LateLabels],
        units: Mapping[Stage, Number],
    ) -> None:
        """Set the gauges."""
        for stage, gauge in self._units.items():
            gauge.set(float(units.get(stage, 0)))
        for gauges, counts in (
            (self._movements, movements),
            (self._delays, delays),
            (self._late, late),
        ):
            for labels, gauge in gauges.items():
                gauge.set(counts[labels])


class SideMetrics:
    """What is late and promised by one side of the subjects: by country, or by agency."""

    def __init__(self, registry: CollectorRegistry, side: str) -> None:
        """Expose 0 for what has no name."""
        late = f"Subjects by {side} and their gravest open delay; few are named, see (other)."
        units = f"As chasqui_commitments_units, by {side}; few are named, see (other)."
        self._gauges = {
            "late": Ranked(registry, f"chasqui_subjects_late_by_{side}", late, (side, "severity")),
            "units": Ranked(
                registry, f"chasqui_commitments_units_by_{side}", units, (side, "stage")
            ),
        }
        self.show({OTHER: {}, UNKNOWN: {}})

    def show(self, sums: Mapping[str, Sums]) -> None:
        """Expose these names."""
        for cells, values in (("late", SEVERITIES), ("units", STAGES)):
            self._gauges[cells].show(
                {
                    (name, value): float(each.get((cells, value), 0))
                    for name, each in sums.items()
                    for value in values
                }
            )


class PublisherMetrics:
    """The scorecards of the publishers that are named, and how many there are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register everything; a publisher appears with its first report."""

        def ranked(name: str, says: str, *labels: str) -> Ranked:
            return Ranked(registry, f"chasqui_publisher_{name}", says, ("publisher", *labels))

        all_of_them = Gauge(
            "chasqui_publishers", "Publishers known, and those silent.", ["silent"],
            registry=registry,
        )  # fmt: skip
        self._all = (all_of_them.labels("no"), all_of_them.labels("yes"))
        self._gauges = {
            "silent": ranked("silent", "1 while it is silent though its subjects move."),
            "reports": ranked("reports", "Its reports so far."),
            "late_ratio": ranked("late_ratio", "Share reported over a day after it happened."),
            "duplicate_ratio": ranked("duplicate_ratio", "Share that was known already."),
            "correction_ratio": ranked("correction_ratio", "Share that corrects its own word."),
            "last_event": ranked("last_event_timestamp_seconds", "When it was last heard of."),
        }
        self._lags = ranked("lag_seconds", "From an event to its report.", "quantile")

    def show(self, cards: Mapping[str, Card], known: int, silent: int) -> None:
        """Expose these cards."""
        for gauge, number in zip(self._all, (known - silent, silent), strict=True):
            gauge.set(number)
        for name, ranked in self._gauges.items():
            ranked.show({(code,): float(getattr(card, name)) for code, card in cards.items()})
        self._lags.show(
            {
                (code, quantile): seconds
                for code, card in cards.items()
                for quantile, seconds in card.lag_seconds.items()
            }
        )
