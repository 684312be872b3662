"""One look at a subject's alerts: what changes, what is told and what is written down."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from schemas.alerts import AuditEntry
from schemas.times import parse
from schemas.vocabulary import AuditAction
from services.alerts.core.alert import Alert, held_by, resolved, told_at
from services.alerts.core.backlog import steps
from services.alerts.core.book import Book, deadline
from services.alerts.core.dead_letters import Replay, given_up, replayed, settled
from services.alerts.core.delay import Delay
from services.alerts.core.inhibition import inhibitor_of
from services.alerts.core.outbox import Receipt, addressed, received, send
from services.alerts.core.policy import Policy
from services.alerts.core.words import News, alert_record, audit_record, message
from services.runtime.processor import Outcome, Record


class Turn:
    """Collects the effects of one input on one subject; `outcome` closes it."""

    def __init__(self, book: Book, key: bytes, now: datetime, policy: Policy) -> None:
        """`now` is wall time."""
        self._key = key
        self._now = now
        self._policy = policy
        self._book = book
        self._last_seq = book.last_seq
        self._alerts = {alert.delay.delay_id: alert for alert in book.alerts}
        self._outbox = list(book.outbox)
        self._audit: list[Record] = []

    def hear(self, delay: Delay) -> None:
        """Take a record of the topic `delays`, unless its seq is not above the last one seen."""
        if delay.seq <= self._last_seq:
            return
        self._last_seq = delay.seq
        known = self._alerts.get(delay.delay_id)
        if delay.type == "delay_cleared":
            self._resolve(known, delay)
        elif known is not None and known.open:
            self._put(replace(known, delay=delay), "changed")
        else:
            self._put(Alert(delay=delay, opened_at=self._now), "raised")

    def answer(self, receipt: Receipt) -> None:
        """Take what a sink answered."""
        outbox, done = received(tuple(self._outbox), receipt, self._policy)
        self._outbox = list(outbox)
        if done is not None:
            self._audit += settled(done, receipt, self._key, self._now)

    def replay(self, replay: Replay) -> None:
        """Send a dead letter again."""
        outbox, written = replayed(tuple(self._outbox), replay, self._now)
        self._outbox = list(outbox)
        self._audit += written

    def outcome(self) -> Outcome[Book]:
        """Inhibit, tell what is due, send what is due; the state and everything that follows."""
        for alert in list(self._open_alerts()):
            self._review(alert)
        for alert in list(self._alerts.values()):
            if alert.tell_at is not None and alert.tell_at <= self._now:
                self._tell(alert)
        sending = send(tuple(self._outbox), self._key, self._now, self._policy)
        for each in sending.parked:
            self._audit += given_up(each, self._key, self._now)
        kept = tuple(alert for alert in self._alerts.values() if not self._forgettable(alert))
        book = Book(last_seq=self._last_seq, alerts=kept, outbox=sending.outbox)
        if book == self._book:
            book = self._book  # the engine writes down only what is another object
        out = [*self._changed_records(), *self._audit]
        return Outcome(book, deadline(book, self._policy), out, sending.calls)

    def _resolve(self, known: Alert | None, delay: Delay) -> None:
        over = resolved(known or Alert(delay=delay, opened_at=self._now), delay, self._now)
        if known is not None and known.open:
            over = self._tell_end(known, over)
        self._put(over, "resolved")

    def _tell_end(self, known: Alert, over: Alert) -> Alert:
        if known.told is not None:
            self._message(News.RESOLVED, over)
        elif known.may_be_told and self._flapped(known, over.delay):
            self._note(over, "held_back")
        elif known.may_be_told:
            self._message(News.OPENED, known)
            self._message(News.RESOLVED, over)
            return told_at(over, self._now)
        return over

    def _flapped(self, alert: Alert, delay: Delay) -> bool:
        if self._now - (alert.released_at or alert.opened_at) >= self._policy.flap_guard:
            return False
        return alert.released_at is not None or self._lasted(delay) < self._policy.flap_guard

    def _lasted(self, delay: Delay) -> timedelta:
        # Heard at once after an outage, two records look simultaneous: their own times say more.
        if delay.cleared_at is None or self._policy.speed is None:
            return timedelta(0)
        return (parse(delay.cleared_at) - parse(delay.raised_at)) / self._policy.speed

    def _review(self, alert: Alert) -> None:
        others = (each.delay for each in self._open_alerts())
        seen = held_by(alert, inhibitor_of(alert.delay, others), self._now)
        if seen is not alert:
            self._note(seen, "inhibited" if seen.inhibited_by else "released")
        tell = seen.may_be_told and seen.has_news
        tell_at = (seen.tell_at or self._now + self._policy.settle) if tell else None
        self._alerts[alert.delay.delay_id] = replace(seen, tell_at=tell_at)

    def _tell(self, alert: Alert) -> None:
        self._message(News.OPENED if alert.told is None else News.CHANGED, alert)
        self._alerts[alert.delay.delay_id] = told_at(alert, self._now)

    def _message(self, news: News, alert: Alert) -> None:
        said = message(news, alert, self._now)
        delay = alert.delay
        self._outbox += [
            addressed(delay.delay_id, delay.seq, route.sink, said, self._now)
            for route in self._policy.routes
            if delay.audience in route.audiences
        ]

    def _put(self, alert: Alert, action: AuditAction) -> None:
        self._alerts[alert.delay.delay_id] = alert
        self._note(alert, action)

    def _note(self, alert: Alert, action: AuditAction) -> None:
        delay = alert.delay
        detail = alert.inhibited_by if action == "inhibited" else delay.because
        entry = AuditEntry(
            alert_id=delay.delay_id,
            action=action,
            at=self._now,
            by="chasqui",
            severity=delay.severity,
            detail=detail,
        )
        self._audit.append(audit_record(entry))

    def _open_alerts(self) -> Iterator[Alert]:
        return (alert for alert in self._alerts.values() if alert.open)

    def _forgettable(self, alert: Alert) -> bool:
        if alert.resolved_at is None:
            return False
        shown_until = alert.resolved_at + self._policy.shown_resolved
        return alert.told is None or shown_until <= self._now

    def _changed_records(self) -> Iterator[Record]:
        before = {alert.delay.delay_id: alert for alert in self._book.alerts}
        for alert in self._alerts.values():
            was = before.get(alert.delay.delay_id)
            if was is None or _public(was) != _public(alert):
                yield alert_record(alert)
                yield from steps(was, alert)


def _public(alert: Alert) -> tuple[object, ...]:
    return alert.delay, alert.resolved_at, alert.inhibited_by
