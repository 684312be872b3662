"""When it became known that a delivery was made: what it teaches of whoever planned it."""

from datetime import datetime

import msgspec

from services.tracker.core.activity import Activity, Said
from services.tracker.core.facts import Facts
from services.tracker.core.learning import Ended
from services.tracker.core.learnt import Judge, publisher_of
from services.tracker.core.movement import Delivery, Movement
from services.tracker.core.rules_delivery import patience


def taught(
    movement: Movement, facts: Facts, judge: Judge, now: datetime
) -> tuple[Movement, list[Said]]:
    """What a report that came at `now` teaches of silences; each change is told once.

    Nothing where the movement itself was not known by its due moment: nobody was waiting then.
    """
    known = _known(movement.delivery, facts, now)
    if known is None or known == movement.delivery:
        return movement, []
    movement, due = msgspec.structs.replace(movement, delivery=known), known.due_at
    if due is None or known.known_at <= due or movement.first_at > due:
        return movement, []
    subject = movement.key.decode()
    late_at = due + patience(facts, judge.limits_of(facts))
    ended = Ended(subject, due, known.known_at, known.delivered_at, known.country, late_at)
    return movement, [Said(known.publisher, Activity(now, delivery=ended))]


def _known(before: Delivery | None, facts: Facts, now: datetime) -> Delivery | None:
    """The delivery as it is known now; whose and where it is stays as it was first due."""
    delivered, due = facts.delivered, facts.handed_over.due
    at = delivered.at if delivered is not None and not delivered.names_cause else None
    if before is None:
        return None if at is None else _first_known(facts, now, at)
    again = before.delivered_at is None and at is not None
    known_at = now if again else before.known_at
    if before.due_at is None:
        return _first_known(facts, known_at, at)
    if due is None:
        return before
    return Delivery(before.publisher, before.country, due.at, known_at, at)


def _first_known(facts: Facts, known_at: datetime, at: datetime | None) -> Delivery:
    due = facts.handed_over.due
    due_at = due.at if due is not None else None
    return Delivery(publisher_of(facts) or "", facts.country or "", due_at, known_at, at)
