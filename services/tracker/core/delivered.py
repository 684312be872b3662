"""When it became known that a delivery was made: what it teaches of whoever planned it."""

from datetime import datetime

import msgspec

from services.tracker.core.activity import Activity, Said
from services.tracker.core.facts import Facts
from services.tracker.core.learning import Ended
from services.tracker.core.learnt import publisher_of
from services.tracker.core.movement import Delivery, Movement


def taught(movement: Movement, facts: Facts, now: datetime) -> tuple[Movement, list[Said]]:
    """What a report that came at `now` teaches of silences; each change is told once.

    Nothing where the movement itself was not known by its due moment: nobody was waiting then.
    """
    known = _known(movement.delivery, facts, now)
    if known is None or known == movement.delivery:
        return movement, []
    movement = msgspec.structs.replace(movement, delivery=known)
    if known.known_at <= known.due_at or movement.first_at > known.due_at:
        return movement, []
    subject = movement.key.decode()
    ended = Ended(subject, known.due_at, known.known_at, known.delivered_at, known.country)
    return movement, [Said(known.publisher, Activity(now, delivery=ended))]


def _known(before: Delivery | None, facts: Facts, now: datetime) -> Delivery | None:
    """The delivery as it is known now; whose and where it is stays as it was first known."""
    delivered, due = facts.delivered, facts.handed_over.due
    at = delivered.at if delivered is not None and not delivered.names_cause else None
    if due is None or (before is None and at is None):
        return before
    if before is None:
        return Delivery(publisher_of(facts) or "", facts.country or "", due.at, now, at)
    again = before.delivered_at is None and at is not None
    known_at = now if again else before.known_at
    return Delivery(before.publisher, before.country, due.at, known_at, at)
