"""Shows level sinks what stands in this instance's partitions: at once, and again and again."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from faust import Service

from schemas.times import parse
from services.alerts.core.alert import Escalation, Told
from services.alerts.core.book import Book
from services.alerts.core.policy import Policy
from services.alerts.core.standing import Standing, distinct, of_book, watchdog
from services.alerts.metrics import AT_ONCE, AlertsMetrics
from services.alerts.sinks.sink import Answer, LevelSink
from services.alerts.survey import States, Survey
from services.runtime.clock import Clock, monotonic
from services.runtime.logs import logger

_GATHER_SECONDS = 0.2
"""Changes come in swarms: one request for each swarm."""

_View = dict[str, tuple[Told, bool, tuple[Escalation, ...]]]


class Change(NamedTuple):
    """A subject of which something was told, or ended, just now."""

    key: bytes
    standings: Sequence[Standing]
    raised_at: Sequence[str]
    """Business times of the delays told for the first time."""


class Showing(Service):  # type: ignore[misc]
    """One loop an instance; it writes no state and shows nothing of a partition it lost."""

    def __init__(
        self,
        sinks: Mapping[str, LevelSink],
        policy: Policy,
        clock: Clock,
        metrics: AlertsMetrics,
        every: timedelta,
    ) -> None:
        """`every` is the wall time between two shows of everything."""
        super().__init__()
        self.states: States | None = None
        """Set once the engine is made, before the start."""
        self._sinks = sinks
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._every = every.total_seconds()
        self._since = clock.wall()
        self._changes: list[Change] = []
        self._changed = asyncio.Event()
        self._own: frozenset[int] = frozenset()
        self._owed: dict[str, list[Standing]] = {name: [] for name in sinks}

    def observe(self, before: object, after: object) -> None:
        """Take note of a change of state: what it makes a level sink show is shown soon."""
        if not self._sinks or not isinstance(after, Book):
            return
        was, now = _view(before), _view(after)
        if now.items() <= was.items():
            return
        about = next(a.delay for a in after.alerts if a.told is not None)
        first = [
            a.delay.raised_at
            for a in after.alerts
            if a.told and a.delay.delay_id not in was and a.told.at - a.opened_at < AT_ONCE
        ]
        shown = list(of_book(after, self._clock.wall(), self._policy))
        self._changes.append(Change(f"{about.kind}/{about.subject_id}".encode(), shown, first))
        self._changed.set()

    @Service.task  # type: ignore[untyped-decorator]
    async def _keep_showing(self) -> None:
        again_at = 0.0
        while not self.should_stop:
            self._look_what_is_own()
            if self._own and monotonic() >= again_at:
                again_at = monotonic() + self._every
                await self._show_all()
            await self._show_changes()
            await self._wait(min(1.0, self._every))

    async def on_stop(self) -> None:
        """Release the sinks."""
        for sink in self._sinks.values():
            await sink.close()

    def _look_what_is_own(self) -> None:
        owned = self.states.owned() if self.states is not None else {}
        own = frozenset(number for number, each in owned.items() if each.ready)
        if own != self._own:
            self._own = own
            self._owed = {name: [] for name in self._sinks}
            if self.states is not None and not own:
                # Whoever has them now counts them.
                Survey(self.states, own, self._clock.wall(), self._policy).measure(self._metrics)

    async def _show_all(self) -> None:
        if self.states is None:
            return
        survey = Survey(self.states, self._own, self._clock.wall(), self._policy)
        survey.measure(self._metrics)
        standings = distinct([watchdog(self._since), *survey.standings])
        for name in self._sinks:
            # An end that a sink could not take outlives the time it is shown otherwise.
            shown = (each for each in standings if each.is_for(name))
            everything = distinct([*shown, *self._owed[name]])
            taken = await self._show(name, everything)
            self._owed[name] = [] if taken else [s for s in everything if s.until is not None]

    async def _show_changes(self) -> None:
        changes, self._changes = self._changes, []
        own = [c for c in changes if self.states and self.states.partition_of(c.key) in self._own]
        # Of a subject only the newest: an older one may hold what has ended since.
        newest = {change.key: change for change in own}
        standings = [each for change in newest.values() for each in change.standings]
        for name in self._sinks:
            shown = distinct(each for each in standings if each.is_for(name))
            if shown and await self._show(name, shown):
                for at in (at for change in own for at in change.raised_at):
                    self._metrics.time(name, parse(at), self._clock)

    async def _show(self, name: str, standings: Sequence[Standing]) -> bool:
        try:
            answers = await self._sinks[name].show(standings)
        except Exception:  # noqa: BLE001 - a fault in one sink must not stop the others
            logger(__name__).exception("sink failed", sink=name)
            answers = [Answer("retry", detail="broken")]
        for answer in answers:
            self._metrics.sent[name, answer.outcome].inc()
        return all(answer.outcome != "retry" for answer in answers)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return
        await asyncio.sleep(_GATHER_SECONDS)
        self._changed.clear()


def _view(state: object) -> _View:
    """What a level sink is shown of a subject, in short."""
    if not isinstance(state, Book):
        return {}
    told = (alert for alert in state.alerts if alert.told is not None)
    return {a.delay.delay_id: (a.told, a.open, a.escalations) for a in told if a.told}
