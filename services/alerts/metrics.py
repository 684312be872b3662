"""What alerts measures besides the runtime's own; every label set exists from the start."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.vocabulary import SEVERITIES
from services.alerts.core.alert import Alert
from services.alerts.core.book import Book
from services.alerts.settings import speed_of
from services.alerts.sinks import EDGE_SINKS, SINKS
from services.runtime.clock import Clock

AT_ONCE = timedelta(minutes=1)
"""What was told later than so after it was opened had been inhibited: its delay was meant."""
PRESSED = ("escalated", "reminded")
OUTCOMES = ("ok", "retry", "refused", "given_up")
_DELAY_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0)


class AlertsMetrics:
    """How soon, how often and with what answer sinks were told, and what is still owed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register everything at 0."""
        delay = Histogram(
            "chasqui_alert_delay_seconds",
            "Wall time from the passing of a deadline until a sink accepted the alert.",
            ["sink"],
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )
        sent = Counter(
            "chasqui_notifications_total",
            "Messages to sinks by what came of them; given_up: parked, untaken for too long.",
            ["sink", "outcome"],
            registry=registry,
        )
        records = Gauge(
            "chasqui_outbox_records", "Messages a sink has not taken.", ["sink"], registry=registry
        )
        oldest = Gauge(
            "chasqui_outbox_oldest_seconds",
            "Age of the oldest message a sink has not taken; 0 when there is none.",
            ["sink"],
            registry=registry,
        )
        open_ = Gauge("chasqui_alerts_open", "Open alerts.", ["severity"], registry=registry)
        self.oldest_unacknowledged = Gauge(
            "chasqui_alert_oldest_unacknowledged_seconds",
            "How long the longest of on-call's told alerts waits to be acknowledged; 0: none does.",
            registry=registry,
        )
        pressed = Counter(
            "chasqui_alerts_pressed_total",
            "Alerts told again because nobody acknowledged them, by how.",
            ["how"],
            registry=registry,
        )
        self.pressed = {how: pressed.labels(how) for how in PRESSED}
        self.delay: dict[str, Histogram] = {sink: delay.labels(sink) for sink in SINKS}
        self.sent: dict[tuple[str, str], Counter] = {
            (sink, outcome): sent.labels(sink, outcome) for sink in SINKS for outcome in OUTCOMES
        }
        self.outbox: dict[str, tuple[Gauge, Gauge]] = {
            sink: (records.labels(sink), oldest.labels(sink)) for sink in EDGE_SINKS
        }
        self.open = {severity: open_.labels(severity) for severity in SEVERITIES}

    def press(self, before: Book | None, after: Book) -> None:
        """Count what was told again between two states of a subject's alerts."""
        known = {} if before is None else {a.delay.delay_id: a for a in before.alerts}
        for alert in after.alerts:
            was = known.get(alert.delay.delay_id)
            if was is not None and was.opened_at != alert.opened_at:
                was = None  # raised anew, it counts from zero; a counter never goes down
            steps = set(_steps(alert)) - set(() if was is None else _steps(was))
            self.pressed["escalated"].inc(len(steps))
            self.pressed["reminded"].inc(alert.reminders - (0 if was is None else was.reminders))

    def give_up(self, sink: str) -> None:
        """A message was parked; one that was sent again may be for a sink that never was."""
        counter = self.sent.get((sink, "given_up"))
        if counter is not None:
            counter.inc()

    def time(self, sink: str, raised_at: datetime, clock: Clock) -> None:
        """A sink accepted an alert now; `raised_at` is the business time of its deadline."""
        speed = speed_of(clock)
        if speed is not None:
            self.delay[sink].observe((clock.now() - raised_at).total_seconds() / speed)


def _steps(alert: Alert) -> Iterator[tuple[str, int, datetime]]:
    return ((each.severity, each.step, each.at) for each in alert.escalations)
