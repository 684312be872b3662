"""What ingest measures; all label sets exist from the start, at 0."""

from collections import Counter as Counted
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from importlib.metadata import version
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.events import Event
from schemas.topics import FIELD_REPORTS
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Admitted, Refused
from services.runtime.clock import Clock

Transport = Literal["http", "kafka"]
_SERVICE = "ingest"
_OUTCOMES_SAY = "Rows by what became of them; requests where it is not known."
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_DELAYS = (1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400)


class Outcome(StrEnum):
    """What became of a row, or of a request whose rows are not known."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class PublisherClass(StrEnum):
    """What a publisher has to do with the subject it speaks of."""

    CUSTODIAN = "custodian"
    OWNER = "owner"
    OTHER = "other"


class IngestMetrics:
    """The counters of one way in."""

    def __init__(self, registry: CollectorRegistry, transport: Transport, clock: Clock) -> None:
        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"chasqui_{name}", says, labels, registry=registry)

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"chasqui_{name}", says, labels, registry=registry)

        outcomes = counter("ingest_events_total", _OUTCOMES_SAY, "transport", "outcome")
        self._outcomes = {each: outcomes.labels(transport, each.value) for each in Outcome}
        buried = counter("events_buried_total", "Records put in quarantine.", "service", "reason")
        self._buried = {each: buried.labels(_SERVICE, each.value) for each in RefusalReason}
        self._handled = counter("events_handled_total", "Records handled.", "service").labels(
            _SERVICE
        )
        self._unknown = counter("unknown_fields_total", "Fields that the contract does not know.")
        self._last = gauge("last_event_timestamp_seconds", "Last record.", "service").labels(
            _SERVICE
        )
        self._lag = _lag(registry) if transport == "kafka" else ()
        gauge("build_info", "What runs here.", "version").labels(version("chasqui")).set(1)
        self._clock = clock
        self.request_seconds = _request_seconds(registry, transport)
        self._delays = _transport_delays(registry)

    def count(self, outcome: Outcome, rows: int = 1) -> None:
        self._outcomes[outcome].inc(rows)

    def lag(self, records: int, seconds: float) -> None:
        """Of the field reports: how many are not handled yet, and for how long."""
        for gauge, value in zip(self._lag, (records, seconds), strict=True):
            gauge.set(value)

    def judged(self, verdicts: Sequence[Admitted | Refused]) -> None:
        """Count rows that are safe in Kafka."""
        admitted = [each for each in verdicts if isinstance(each, Admitted)]
        refused = Counted(each.reason for each in verdicts if isinstance(each, Refused))
        self._handled.inc(len(verdicts))
        self.count(Outcome.ACCEPTED, len(admitted))
        self.count(Outcome.INVALID, refused.total())
        for reason, rows in refused.items():
            self._buried[reason].inc(rows)
        self._admitted(admitted)

    def _admitted(self, admitted: Sequence[Admitted]) -> None:
        self._unknown.inc(sum(each.unknown_fields for each in admitted))
        for each in admitted:
            delay = _delay(each.event, each.at)
            if delay is not None:
                self._delays[_class_of(each.event)].observe(delay)
        if admitted:
            self._last.set(self._clock.wall().timestamp())


def _request_seconds(registry: CollectorRegistry, transport: Transport) -> Histogram:
    requests = Histogram(
        "chasqui_ingest_request_seconds",
        "Time from a request's arrival to its answer.",
        ["transport"],
        buckets=_FAST,
        registry=registry,
    )
    return requests.labels(transport)


def _transport_delays(registry: CollectorRegistry) -> dict[PublisherClass, Histogram]:
    delays = Histogram(
        "chasqui_event_transport_delay_seconds",
        "From its happening to its receipt.",
        ["publisher_class"],
        buckets=_DELAYS,
        registry=registry,
    )
    return {each: delays.labels(each.value) for each in PublisherClass}


def _lag(registry: CollectorRegistry) -> tuple[Gauge, ...]:
    names = {"records": "Records not yet handled.", "seconds": "Age of what was handled last."}
    gauges = [
        Gauge(f"chasqui_consumer_lag_{name}", says, ["topic"], registry=registry)
        for name, says in names.items()
    ]
    return tuple(each.labels(FIELD_REPORTS.full_name) for each in gauges)


def _delay(event: Event, at: datetime) -> float | None:
    if event.classifier != "actual" or event.occurred_at is None:
        return None
    return max(0.0, (at - event.occurred_at).total_seconds())


def _class_of(event: Event) -> PublisherClass:
    parties = event.parties
    if parties is not None and event.publisher == parties.custodian:
        return PublisherClass.CUSTODIAN
    if parties is not None and event.publisher == parties.owner:
        return PublisherClass.OWNER
    return PublisherClass.OTHER
