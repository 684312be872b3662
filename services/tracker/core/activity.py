"""What a movement tells of those who report on it, one small record at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.learning import Ended
from services.tracker.core.merge import Fate
from services.tracker.core.movement import Movement


class Activity(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What one record of a movement says of one publisher (`schemas/publishers.py`)."""

    at: datetime
    fate: str | None = None
    kind: str | None = None
    mode: str | None = None
    type: str | None = None
    classifier: str | None = None
    occurred_at: datetime | None = None
    correction: bool = False
    moving: int = 0
    answers: datetime | None = None
    partition: int | None = None
    delivery: Ended | None = None

    @property
    def is_contact(self) -> bool:
        """Only that a subject that is in transit by its word was heard of."""
        said = (self.fate, self.answers, self.delivery)
        return not self.moving and said == (None, None, None)


def joined(said: Sequence[Activity]) -> list[Activity]:
    """What was said of one publisher, without contacts that a later one tells too.

    Not a later one than an answer: a contact before it is why the answer is no sign of silence.
    """
    kept: list[Activity] = []
    told = False
    for each in reversed(said):
        if not (told and each.is_contact):
            kept.append(each)
        told = each.answers is None and (told or each.is_contact)
    return kept[::-1]


class Said(NamedTuple):
    """Something about one publisher."""

    publisher: str
    activity: Activity


def carrier_of(facts: Facts) -> str | None:
    """By whose word it is in transit, if it is."""
    if facts.state != "in_transit":
        return None
    return facts.milestone("departed", facts.leg).reported_by


def noted(
    movement: Movement, facts: Facts, report: Report, fate: Fate, now: datetime
) -> tuple[Movement, list[Said]]:
    """What a report that came at `now` tells of publishers; each change is told once."""
    before, carrier, own = movement.carrier, carrier_of(facts), report.publisher
    moving = (carrier == own) - (before == own)
    said = [Said(own, _activity(facts, report, fate, now, moving))]
    if carrier == before:
        if carrier is not None and carrier != own:
            said.append(Said(carrier, Activity(now)))  # its subject was heard of
        return movement, said
    others = ((before, -1), (carrier, 1))
    said += [Said(x, Activity(now, moving=by)) for x, by in others if x is not None and x != own]
    return msgspec.structs.replace(movement, carrier=carrier), said


def _activity(facts: Facts, report: Report, fate: Fate, now: datetime, moving: int) -> Activity:
    correction = report.retracted or report.revised_at > report.recorded_at
    return Activity(
        now,
        fate,
        facts.kind,
        facts.mode,
        report.type,
        report.classifier,
        report.occurred_at,
        correction,
        moving,
    )
