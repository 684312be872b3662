"""One alert looked at among the others of its subject: held back, pressed, made ready to tell."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from services.alerts.core.alert import Alert, held_by, waiting
from services.alerts.core.delay import Delay
from services.alerts.core.effects import Effects
from services.alerts.core.inhibition import inhibitor_of
from services.alerts.core.policy import Policy
from services.alerts.core.pressing import press, remind
from services.alerts.core.routing import matter_of, window_at
from services.alerts.core.storm import answered_by, ask, speaker_of

_MAINTENANCE = "maintenance:"


def review(alert: Alert, speaking: Iterable[Delay], effects: Effects) -> Alert:
    """The open alert after a look; `speaking` are the open delays that may speak for others."""
    held = _held(alert, speaking, effects)
    pressed = waiting(press(waiting(held, effects.now), effects), effects.now)
    return _made_ready(pressed, effects)


def telling_at(alert: Alert, policy: Policy) -> datetime | None:
    """When what is untold is told: settled, and its country asked whether there is a storm."""
    if alert.tell_at is None:
        return None
    latest = answered_by(alert, policy)
    return alert.tell_at if latest is None else max(alert.tell_at, latest)


def _held(alert: Alert, speaking: Iterable[Delay], effects: Effects) -> Alert:
    now, policy = effects.now, effects.policy
    window = window_at(matter_of(alert.delay), policy.windows, now)
    speaker = (
        window.speaker
        if window is not None
        else inhibitor_of(alert.delay, speaking) or speaker_of(alert, now, policy)
    )
    held = held_by(alert, speaker, now)
    if held is alert:
        return alert
    effects.note(held, "inhibited" if speaker else "released", detail=speaker)
    if (alert.inhibited_by or "").startswith(_MAINTENANCE) and held.waits and not held.has_news:
        return remind(held, effects)
    return held


def _made_ready(alert: Alert, effects: Effects) -> Alert:
    if not (alert.may_be_told and alert.has_news):
        return alert if alert.tell_at is None else replace(alert, tell_at=None)
    if alert.tell_at is not None:
        return alert
    asking, asked = ask(alert, effects.now, effects.policy)
    effects.written += asked
    return replace(asking, tell_at=effects.now + effects.policy.settle)
