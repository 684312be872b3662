"""What one look at a subject leads to: messages to edge sinks, and what is written down."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from schemas.alerts import AuditEntry
from schemas.vocabulary import AuditAction, AuditReason
from services.alerts.core.alert import Alert, Escalation
from services.alerts.core.outbox import Pending, addressed
from services.alerts.core.policy import Policy
from services.alerts.core.routing import matter_of
from services.alerts.core.words import News, audit_record, escalation_message, message
from services.runtime.processor import Record

_OF_THE_DELAY = {News.OPENED, News.CHANGED, News.RESOLVED}
"""Said at most once of each record of the delay, whose seq tells them apart."""


class Effects:
    """Collects them; an alert that was spoken of is answered as it is afterwards."""

    def __init__(self, outbox: Iterable[Pending], now: datetime, policy: Policy) -> None:
        """`now` is wall time."""
        self.now = now
        self.policy = policy
        self.outbox = list(outbox)
        self.written: list[Record] = []

    def say(self, news: News, alert: Alert) -> Alert:
        """Tell the sinks that know of it, and of what opens or changes those it is for now."""
        wanted = self.policy.hearers(matter_of(alert.delay))
        known = alert.sinks
        if known is None:  # a build that did not write it down told all
            known = () if alert.told is None else wanted
        new = tuple(sink for sink in wanted if sink not in known)
        further = 0 if news in _OF_THE_DELAY else alert.further + 1
        self._send(alert, known, message(news, alert, self.now), further)
        if news not in {News.OPENED, News.CHANGED}:
            return replace(alert, sinks=known, further=max(further, alert.further))
        self._send(alert, new, message(News.OPENED, alert, self.now))
        return replace(alert, sinks=(*known, *new))

    def say_of_step(self, news: News, alert: Alert, escalation: Escalation) -> Alert:
        """Tell the sinks of an escalation of it."""
        alert = replace(alert, further=alert.further + 1)
        said = escalation_message(news, alert, escalation, self.now)
        number, seq = alert.id_of(escalation), alert.delay.seq
        self.outbox += [
            addressed(number, seq, sink, said, self.now, alert.further) for sink in escalation.sinks
        ]
        return alert

    def note(  # noqa: PLR0913 - an audit entry in words
        self,
        alert: Alert,
        action: AuditAction,
        *,
        by: str = "chasqui",
        reason: AuditReason | None = None,
        until: datetime | None = None,
        detail: str | None = None,
        of: Escalation | None = None,
    ) -> None:
        """Write down what was done about it, or about one of its escalations."""
        entry = AuditEntry(
            alert_id=alert.delay.delay_id if of is None else alert.id_of(of),
            action=action,
            at=self.now,
            by=by,
            severity=alert.delay.severity,
            reason=reason,
            until=until,
            detail=detail,
        )
        self.written.append(audit_record(entry))

    def _send(self, alert: Alert, sinks: Iterable[str], said: bytes, further: int = 0) -> None:
        about = (alert.delay.delay_id, alert.delay.seq)
        self.outbox += [addressed(*about, sink, said, self.now, further) for sink in sinks]
