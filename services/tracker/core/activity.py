"""What a movement tells of those who report on it, one small record at a time."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.learnt import publisher_of
from services.tracker.core.merge import Fate
from services.tracker.core.movement import Movement


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A delivery that became known at `known_at`, or known otherwise."""

    kind: str
    subject_id: str
    due_at: datetime
    delivered_at: datetime
    known_at: datetime
    mode: str | None = None
    country: str | None = None


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
    delivery: Delivery | None = None
    answers: datetime | None = None
    partition: int | None = None


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
    carrier, due = carrier_of(facts), facts.handed_over.due
    said = [Said(report.publisher, _activity(facts, report, fate, now))]
    if carrier != movement.carrier:
        said += _moving(movement.carrier, -1, now) + _moving(carrier, 1, now)
    elif carrier is not None and carrier != report.publisher:
        said.append(Said(carrier, Activity(now)))  # its subject was heard of
    known = movement.delivery
    if due is not None and facts.delivered_at is not None:
        known = (due.at, facts.delivered_at)
        if known != movement.delivery:
            said.append(_delivered(facts, known, now))
    if carrier != movement.carrier or known != movement.delivery:
        movement = msgspec.structs.replace(movement, carrier=carrier, delivery=known)
    return movement, said


def _activity(facts: Facts, report: Report, fate: Fate, now: datetime) -> Activity:
    correction = report.retracted or report.revised_at > report.recorded_at
    return Activity(
        now,
        fate,
        facts.kind,
        facts.mode_of(facts.leg),
        report.type,
        report.classifier,
        report.occurred_at,
        correction,
    )


def _moving(publisher: str | None, by: int, now: datetime) -> list[Said]:
    return [] if publisher is None else [Said(publisher, Activity(now, moving=by))]


def _delivered(facts: Facts, known: tuple[datetime, datetime], now: datetime) -> Said:
    mode = facts.mode_of(facts.leg)
    delivery = Delivery(facts.kind, facts.subject_id, *known, now, mode, facts.country)
    return Said(publisher_of(facts) or "", Activity(now, delivery=delivery))
