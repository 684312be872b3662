"""A journal told to the tracker and to alerts, joined in one process."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import orjson

from schemas.times import wire
from schemas.topics import EVENTS
from services.alerts.core.policy import Policy
from services.alerts.job import create_job as alerts_job
from services.cli.backtest.alerts import Alert, ToldAlerts
from services.cli.other_rules import OtherRules, rules_in
from services.runtime.memory import MemoryDriver
from services.runtime.moments import to_ms
from services.runtime.processor import Record
from services.tracker.core.derive import facts_of
from services.tracker.core.facts import Facts
from services.tracker.core.rulebook import DEFAULT_BOOK
from services.tracker.job import create_job as tracker_job
from services.tracker.processors import MovementsProcessor

_RECORDS_A_FLUSH = 1_000
_CACHED_KEYS = 1_000
_POLICY = Policy()
"""As by default, with nobody to send to: who would be told is in the state of the alerts."""
_LAST_WORD = _POLICY.settle + timedelta(milliseconds=1)


class Run:
    """One set of rules and all that would have been told by them."""

    def __init__(self, rules: OtherRules | None = None, *, whole_journal: bool = False) -> None:
        """Without `rules` the journal's own count; a whole one has what the tracker wrote to it."""
        self._told = ToldAlerts()
        self._driver = MemoryDriver(
            tracker_job(),
            alerts_job(_POLICY, partitions=1, observe=self._told.observe),
            whole_journal=whole_journal,
            cached_keys=_CACHED_KEYS,
        )
        self._rules = rules
        self._partitions: set[int] = set()
        self._fed = 0
        self._versions: dict[str, None] = {}

    @property
    def rules(self) -> str:
        """The versions it was judged by, one after the other."""
        return ", ".join(self._versions) or f"{DEFAULT_BOOK.version} (built in)"

    def place(self, records: Iterable[Record]) -> None:
        """Know where a journal has its keys before it is told."""
        self._driver.place(records)

    def feed(self, record: Record) -> None:
        """Take one record of the journal."""
        self._partitions.add(record.partition or 0)
        for each in (record,) if self._rules is None else self._rules.over(record):
            self._hear(each)

    def end(self, until: datetime | None, last: datetime) -> None:
        """Let time go on to `until` in every partition, and what was just raised be told."""
        if until is not None:
            value = orjson.dumps({"at": wire(until), "type": "tick"})
            headers = (("at", b"%d" % to_ms(until)),)
            for number in sorted(self._partitions):
                self._hear(Record(EVENTS.full_name, None, value, headers, number))
        self._driver.wait(max(last, until or last) + _LAST_WORD)
        self._driver.flush()

    def alerts(self) -> list[Alert]:
        """Everything a person was told, in order."""
        return self._told.all()

    def facts(self) -> Iterator[Facts]:
        """What is so of every movement in the end."""
        return (facts_of(s.history) for _, s in self._driver.states(MovementsProcessor.name))

    def _hear(self, record: Record) -> None:
        if version := rules_in(record):
            self._versions[version] = None
        self._driver.feed(record)
        self._fed += 1
        if self._fed % _RECORDS_A_FLUSH == 0:
            self._driver.flush()
