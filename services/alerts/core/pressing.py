"""What happens while nobody acts: an acknowledgement expires, a step escalates, a reminder goes."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from schemas.vocabulary import SEVERITIES
from services.alerts.core.alert import Alert, Escalation
from services.alerts.core.delay import Audience
from services.alerts.core.effects import Effects
from services.alerts.core.policy import Policy, Step
from services.alerts.core.routing import matter_of
from services.alerts.core.words import News


def due_at(alert: Alert, policy: Policy) -> datetime | None:
    """When it presses next, if nobody acts before."""
    if not alert.open:
        return None
    if alert.acknowledged is not None:
        return alert.acknowledged.until
    steps = [at for at, _ in _steps_to_come(alert, policy)]
    reminder = _reminder_at(alert, policy)
    return min((*steps, *((reminder,) if reminder else ())), default=None)


def look_at(alert: Alert, policy: Policy) -> datetime | None:
    """When to look whether it presses: after an absence not before it was listened."""
    return alert.listens_until or due_at(alert, policy)


def press(alert: Alert, effects: Effects) -> Alert:
    """The alert after what was due by now; what is due long ago first listens for a while.

    While the service was away somebody may have acted: their word is read within moments.
    """
    now, policy = effects.now, effects.policy
    due = due_at(alert, policy)
    if due is None or now < due:
        return alert if alert.listens_until is None else replace(alert, listens_until=None)
    if alert.listens_until is None and now - due > policy.late:
        return replace(alert, listens_until=now + policy.listen)
    if alert.listens_until is not None and now < alert.listens_until:
        return alert
    alert = replace(alert, listens_until=None)
    if alert.acknowledged is not None:
        return _expire(alert, effects)
    for step in [step for at, step in _steps_to_come(alert, policy) if at <= now]:
        alert = _escalate(alert, step, effects)
    reminder = _reminder_at(alert, policy)
    return remind(alert, effects) if reminder is not None and reminder <= now else alert


def remind(alert: Alert, effects: Effects) -> Alert:
    """Tell it again."""
    alert = replace(alert, reminders=alert.reminders + 1, reminded_at=effects.now)
    effects.note(alert, "reminded", detail=str(alert.reminders))
    return effects.say(News.REMINDED, alert)


def end_escalations(alert: Alert, effects: Effects) -> Alert:
    """The alert after its escalations ended with it, or because somebody has taken it."""
    for each in alert.escalations:
        if each.open:
            ended = replace(each, ended_at=effects.now)
            others = tuple(ended if other is each else other for other in alert.escalations)
            alert = replace(alert, escalations=others)
            effects.note(alert, "resolved", of=ended)
            alert = effects.say_of_step(News.RESOLVED, alert, ended)
    return alert


def _expire(alert: Alert, effects: Effects) -> Alert:
    alert = replace(alert, acknowledged=None)
    effects.note(alert, "unacknowledged", reason="expired")
    known = alert.told is not None and alert.may_be_told
    return effects.say(News.UNACKNOWLEDGED, alert) if known else alert


def _escalate(alert: Alert, step: Step, effects: Effects) -> Alert:
    wanted = effects.policy.hearers(matter_of(alert.delay), step.sinks)
    escalation = Escalation(
        severity=step.severity,
        step=step.number,
        at=effects.now,
        sinks=wanted if step.sinks is not None else alert.sinks or wanted,
        only=None if step.sinks is None else tuple(sorted(step.sinks)),
    )
    others = tuple(e for e in alert.escalations if not _is_of(e, step))
    alert = replace(alert, escalations=(*others, escalation))
    effects.note(alert, "escalated", detail=f"step {step.number}: {alert.id_of(escalation)}")
    effects.note(alert, "raised", of=escalation)
    return effects.say_of_step(News.ESCALATED, alert, escalation)


def _steps_to_come(alert: Alert, policy: Policy) -> Iterator[tuple[datetime, Step]]:
    if alert.waits_since is None or not alert.waits or alert.delay.audience != Audience.ON_CALL:
        return
    for step in policy.steps:
        if step.severity == alert.delay.severity and not _taken(alert, step):
            yield alert.waits_since + step.after, step


def _taken(alert: Alert, step: Step) -> bool:
    """Whether that step stands already, or one as far of it or of a graver severity."""
    rank = SEVERITIES.index(step.severity)
    return any(
        e.open and e.step >= step.number and SEVERITIES.index(e.severity) >= rank
        for e in alert.escalations
    )


def _is_of(escalation: Escalation, step: Step) -> bool:
    return (escalation.severity, escalation.step) == (step.severity, step.number)


def _reminder_at(alert: Alert, policy: Policy) -> datetime | None:
    every = policy.remind_every.get(alert.delay.severity)
    if every is None or alert.waits_since is None or alert.told is None or not alert.waits:
        return None
    last = max(alert.waits_since, alert.told.at, alert.reminded_at or alert.waits_since)
    return last + every
