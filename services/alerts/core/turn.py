"""One look at a subject's alerts: what changes, what is told and what is written down."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from schemas.commands import Command
from schemas.times import parse
from schemas.vocabulary import AuditAction
from services.alerts.core.acknowledging import obey, of_forgotten, outgrown
from services.alerts.core.alert import Alert, resolved, told_at
from services.alerts.core.backlog import steps
from services.alerts.core.book import Book, deadline
from services.alerts.core.dead_letters import Replay, given_up, replayed, settled
from services.alerts.core.delay import Delay
from services.alerts.core.effects import Effects
from services.alerts.core.outbox import Receipt, received, send
from services.alerts.core.policy import Policy
from services.alerts.core.pressing import end_escalations
from services.alerts.core.review import review, telling_at
from services.alerts.core.storm import Answered, ask_again, heard, speaker_of
from services.alerts.core.words import News, alert_record, escalation_record
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
        self._effects = Effects(book.outbox, now, policy)

    def hear(self, delay: Delay) -> None:
        """Take a record of the topic `delays`, unless its seq is not above the last one seen."""
        if delay.seq <= self._last_seq:
            return
        self._last_seq = delay.seq
        known = self._alerts.get(delay.delay_id)
        if delay.type == "delay_cleared":
            self._resolve(known, delay)
        elif known is not None and known.open:
            self._put(outgrown(replace(known, delay=delay), self._effects), "changed")
        else:
            self._put(Alert(delay=delay, opened_at=self._now), "raised")

    def answer(self, receipt: Receipt) -> None:
        """Take what a sink answered."""
        outbox, done = received(tuple(self._effects.outbox), receipt, self._policy)
        self._effects.outbox = list(outbox)
        if done is not None:
            self._effects.written += settled(done, receipt, self._key, self._now)

    def replay(self, replay: Replay) -> None:
        """Send a dead letter again."""
        outbox, written = replayed(tuple(self._effects.outbox), replay, self._now)
        self._effects.outbox = list(outbox)
        self._effects.written += written

    def obey(self, command: Command) -> None:
        """Take what an operator says of an alert, or of one of its escalations."""
        meant = (alert for alert in self._alerts.values() if command.delay_id in alert.ids)
        alert = next(meant, None)
        if alert is None:
            self._effects.written.append(of_forgotten(command, self._effects))
        else:
            self._alerts[alert.delay.delay_id] = obey(alert, command, self._effects)

    def advise(self, answer: Answered) -> None:
        """Take what the country says of a storm."""
        alert = self._alerts.get(answer.delay_id)
        if alert is not None and alert.open:
            self._alerts[answer.delay_id] = heard(alert, answer, self._policy)

    def outcome(self) -> Outcome[Book]:
        """Inhibit, tell what is due, send what is due; the state and everything that follows."""
        self._review()
        for alert in list(self._alerts.values()):
            at = telling_at(alert, self._policy)
            if at is not None and at <= self._now:
                news = News.OPENED if alert.told is None else News.CHANGED
                said = self._effects.say(news, alert)
                self._alerts[alert.delay.delay_id] = told_at(said, self._now)
        sending = send(tuple(self._effects.outbox), self._key, self._now, self._policy)
        for each in sending.parked:
            self._effects.written += given_up(each, self._key, self._now)
        kept = tuple(alert for alert in self._alerts.values() if not self._forgettable(alert))
        book = Book(last_seq=self._last_seq, alerts=kept, outbox=sending.outbox)
        if book == self._book:
            book = self._book  # the engine writes down only what is another object
        out = [*self._changed_records(), *self._effects.written]
        return Outcome(book, deadline(book, self._now, self._policy), out, sending.calls)

    def _review(self) -> None:
        for alert in list(self._open_alerts()):
            asking, asked = ask_again(alert, self._now, self._policy)
            self._alerts[alert.delay.delay_id] = asking
            self._effects.written += asked
        # What only a digest tells of silences nothing.
        speaking = [
            each.delay
            for each in self._open_alerts()
            if speaker_of(each, self._now, self._policy) is None
        ]
        for alert in list(self._open_alerts()):
            self._alerts[alert.delay.delay_id] = review(alert, speaking, self._effects)

    def _resolve(self, known: Alert | None, delay: Delay) -> None:
        over = resolved(known or Alert(delay=delay, opened_at=self._now), delay, self._now)
        if known is not None and known.open:
            over = self._tell_end(known, end_escalations(over, self._effects))
        self._put(over, "resolved")

    def _tell_end(self, known: Alert, over: Alert) -> Alert:
        if known.told is not None:
            return self._effects.say(News.RESOLVED, over)
        if known.may_be_told and self._flapped(known, over.delay):
            self._note(over, "held_back")
        elif known.may_be_told:
            opened = told_at(self._effects.say(News.OPENED, known), self._now)
            over = replace(over, sinks=opened.sinks)
            return told_at(self._effects.say(News.RESOLVED, over), self._now)
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

    def _put(self, alert: Alert, action: AuditAction) -> None:
        self._alerts[alert.delay.delay_id] = alert
        self._note(alert, action)

    def _note(self, alert: Alert, action: AuditAction) -> None:
        self._effects.note(alert, action, detail=alert.delay.because)

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
                known = () if was is None else was.escalations
                for each in alert.escalations:
                    if each.open or each not in known:
                        yield escalation_record(alert, each)


def _public(alert: Alert) -> tuple[object, ...]:
    course = (alert.resolved_at, alert.inhibited_by, alert.acknowledged)
    return (alert.delay, *course, alert.escalations, alert.reminders)
