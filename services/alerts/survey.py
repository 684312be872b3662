"""A look at everything this instance owns: what stands, what is open, what is still owed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from schemas.vocabulary import Severity
from services.alerts.core.book import Book
from services.alerts.core.delay import Audience
from services.alerts.core.digest import Digest, about_of
from services.alerts.core.outbox import Outbox
from services.alerts.core.policy import Policy
from services.alerts.core.standing import Standing, of_book, of_digest
from services.alerts.metrics import AlertsMetrics
from services.runtime.engine import Owned


class States(Protocol):
    """The part of the engine that lets one look at what is owned here."""

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance."""

    def partition_of(self, key: bytes) -> int:
        """Where a key lives."""

    def scan(self, processor: str) -> Iterator[tuple[bytes, object]]:
        """All keys and states of own partitions."""


class Survey:
    """What one look found."""

    def __init__(self, states: States, own: frozenset[int], now: datetime, policy: Policy) -> None:
        """Look at the partitions `own`; `now` is wall time."""
        self.standings: list[Standing] = []
        self._now = now
        self._open: Counter[Severity] = Counter()
        self._owed: Counter[str] = Counter()
        self._oldest: dict[str, datetime] = {}
        self._waiting_since = now
        for processor in ("alerts", "digests"):
            for key, state in states.scan(processor):
                if states.partition_of(key) in own:
                    self._see(key, state, policy)

    def measure(self, metrics: AlertsMetrics) -> None:
        """Set the gauges."""
        for severity, gauge in metrics.open.items():
            gauge.set(self._open[severity])
        waiting = self._now - self._waiting_since
        metrics.oldest_unacknowledged.set(waiting.total_seconds())
        for sink, (records, oldest) in metrics.outbox.items():
            records.set(self._owed[sink])
            age = self._now - self._oldest.get(sink, self._now)
            oldest.set(age.total_seconds())

    def _see(self, key: bytes, state: object, policy: Policy) -> None:
        match state:
            case Book():
                self.standings += of_book(state, self._now, policy)
                self._open.update(a.delay.severity for a in state.alerts if a.open)
                self._wait(state)
                self._count(state.outbox)
            case Digest():
                self.standings += of_digest(state, about_of(key), self._now, policy)
                self._count(state.outbox)
            case _:
                raise TypeError(f"alerts keeps no {type(state).__name__}")

    def _wait(self, book: Book) -> None:
        on_call = (a for a in book.alerts if a.delay.audience == Audience.ON_CALL)
        waiting = (a.waits_since for a in on_call if a.waits_since is not None)
        self._waiting_since = min((self._waiting_since, *waiting))

    def _count(self, outbox: Outbox) -> None:
        for message in outbox:
            self._owed[message.sink] += 1
            known = self._oldest.setdefault(message.sink, message.since)
            self._oldest[message.sink] = min(known, message.since)
