"""How a movement and its delays go over the wire (shapes: `schemas/movements.py`, `delays.py`)."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from schemas.delays import delay_id
from schemas.times import wire
from schemas.vocabulary import LEGGED
from services.tracker.core.events import Quantity, Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import DUE_SHOWN, Step
from services.tracker.core.ledger import LedgerLine, Number, plain
from services.tracker.core.milestones import Milestone
from services.tracker.core.sentence import duration
from services.tracker.core.told import Ending, News, Told

Json = dict[str, object]
Moment = datetime | str | None
"""A time in UTC: as it is, or already as the wire writes it."""

_encoder = msgspec.json.Encoder()


class Subject(Protocol):
    """What any subject's delays are told with."""

    @property
    def kind(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def country(self) -> str | None: ...
    @property
    def agency(self) -> str | None: ...
    @property
    def commitment(self) -> str | None: ...
    @property
    def items(self) -> Collection[str]: ...
    @property
    def last_report(self) -> Report | None:
        """The newest thing that is known to have happened."""


InWords = Callable[[Told, Step | None, Ending | None], str]
"""Tells one delay to a person."""


class Manner(NamedTuple):
    """In which words a delay is told, and by which rules."""

    in_words: InWords
    rules_version: str


class MilestoneView(msgspec.Struct, frozen=True, gc=False):
    """A milestone as it goes over the wire."""

    type: str
    leg: int | None
    baseline_at: Moment
    due_at: Moment
    planned_at: Moment
    estimated_at: Moment
    actual_at: Moment
    reported_by: str | None
    inferred: bool


class LineView(msgspec.Struct, frozen=True, gc=False):
    """A line of the ledger as it goes over the wire."""

    line: int
    item: str | None
    unit: str | None
    shipped: Quantity | None
    accepted: Quantity
    damaged: Quantity
    missing: Quantity
    surplus: Quantity
    lost: Quantity
    moved: Quantity
    outstanding: Quantity | None
    confirmed: Quantity | None


class HoldView(msgspec.Struct, frozen=True, gc=False):
    """An open hold as it goes over the wire."""

    hold_id: str
    reason: str | None
    since: Moment


class OpenDelay(msgspec.Struct, frozen=True, gc=False):
    """An open delay as the movement lists it."""

    delay_id: str
    delay: str
    milestone: str | None
    leg: int | None
    hold_id: str | None
    late_since: Moment
    severity: str
    confidence: str | None


class MovementView(msgspec.Struct, frozen=True, gc=False):
    """A movement as it goes over the wire: all but `delays` is a function of its events."""

    kind: str
    subject_id: str
    state: str
    leg: int
    legs: int
    owner: str | None
    custodian: str | None
    commitment: str | None
    country: str | None
    mode: str | None
    milestones: list[MilestoneView]
    lines: list[LineView]
    holds: list[HoldView]
    doubts: tuple[str, ...]
    last_contact_at: Moment
    events: int
    delays: list[OpenDelay]


def movement_view(facts: Facts, told: Iterable[Told]) -> MovementView:
    """The public state of a movement."""
    return MovementView(
        facts.kind,
        facts.subject_id,
        facts.state,
        facts.leg,
        facts.legs,
        facts.agency,
        facts.custodian,
        facts.commitment,
        facts.country,
        facts.mode_of(facts.leg),
        [_milestone(m) for m in facts.milestones.values() if m.spoken_of],
        [_line(line, facts) for line in facts.lines],
        [HoldView(h.hold_id, h.reason, wired(h.since)) for h in facts.holds if h.ended_at is None],
        facts.doubts.names,
        wired(facts.last_contact_at),
        len(facts.reports) + facts.folded,
        open_delays(facts, told),
    )


def delay_record(news: News, subject: Subject, seq: int, now: datetime, manner: Manner) -> Json:
    """What is told of a delay on the topic `delays`."""
    told, ending = news.told, news.ending
    step = news.lateness.next_step(now) if news.lateness and ending is None else None
    record: Json = {
        "type": news.type,
        "delay_id": _delay_id(subject, told),
        "episode": told.episode,
        "seq": seq,
        **_identity(told, subject),
        "late_since": wired(told.late_since),
        "raised_at": wired(told.raised_at),
        "severity": told.severity,
        "confidence": told.confidence,
        "country": subject.country,
        "agency": subject.agency,
        "commitment": subject.commitment,
        "items": sorted(subject.items),
        "due_at": wired(told.due_at) if told.delay in DUE_SHOWN else None,
    }
    if told.delay == "eta_slip":
        record["eta_at"] = wired(told.eta_at)
    record["next_step"] = _step(step)
    if ending is not None:
        record |= {"cleared_at": wired(now), "ended_at": wired(ending.ended_at)}
        record["because"] = ending.because
    record |= {"historic": news.historic, "backlog": told.backlog}
    record["sentence"] = manner.in_words(told, step, ending)
    record["evidence"] = _evidence(news, subject.last_report, manner.rules_version)
    return record


def dumps(record: Json | msgspec.Struct) -> bytes:
    """Compact JSON; equal records are equal bytes."""
    return _encoder.encode(record)


def _identity(told: Told, subject: Subject) -> Json:
    return {
        "delay": told.delay,
        "kind": subject.kind,
        "subject_id": subject.subject_id,
        "milestone": told.milestone,
        "leg": told.leg,
        "hold_id": told.hold_id,
    }


def _delay_id(subject: Subject, told: Told) -> str:
    return delay_id(
        told.delay,
        subject.kind,
        subject.subject_id,
        told.milestone,
        told.leg,
        told.hold_id,
        told.episode,
    )


def _evidence(news: News, last: Report | None, rules_version: str) -> Json:
    lateness = news.lateness
    events = [*(lateness.evidence if lateness else ()), *([last.identity] if last else [])]
    evidence: Json = {
        "rule": news.told.delay,
        "rules_version": rules_version,
        "threshold": duration(lateness.threshold) if lateness else None,
        "events": list(dict.fromkeys(events)),
    }
    if news.told.learnt is not None:
        evidence["learnt"] = msgspec.structs.asdict(news.told.learnt)
    return evidence


def open_delays(subject: Subject, told: Iterable[Told]) -> list[OpenDelay]:
    """The open delays of a subject as its view lists them."""
    still = sorted((one for one in told if one.is_open), key=_by_name)
    return [_open_delay(subject, one) for one in still]


def _open_delay(subject: Subject, told: Told) -> OpenDelay:
    return OpenDelay(
        _delay_id(subject, told),
        told.delay,
        told.milestone,
        told.leg,
        told.hold_id,
        wired(told.late_since),
        told.severity,
        told.confidence,
    )


def _by_name(told: Told) -> tuple[str, tuple[int, tuple[int, int, int], str]]:
    return (told.delay, told.identity.order)


def _milestone(milestone: Milestone) -> MilestoneView:
    baseline, due, plan = milestone.baseline, milestone.due, milestone.plan
    return MilestoneView(
        milestone.type,
        milestone.leg if milestone.type in LEGGED else None,
        wired(baseline.at) if baseline else None,
        wired(due.at) if due else None,
        wired(plan.happened_at) if plan else None,
        wired(milestone.estimate.happened_at) if milestone.estimate else None,
        wired(milestone.actual_at),
        milestone.reported_by,
        milestone.inferred,
    )


def _line(line: LedgerLine, facts: Facts) -> LineView:
    said = facts.confirmed.lines if facts.confirmed else ()
    confirmed = [each.accepted for each in said if each.line == line.line]
    return LineView(
        line.line,
        line.item,
        line.unit,
        _number(line.shipped),
        plain(line.accepted),
        plain(line.damaged),
        plain(line.missing),
        plain(line.surplus),
        plain(line.lost),
        plain(line.moved),
        _number(line.outstanding),
        confirmed[0] if confirmed else None,
    )


def _number(number: Number | None) -> int | float | None:
    return None if number is None else plain(number)


def wired(at: datetime | None) -> Moment:
    """The moment for the encoder, which writes whole seconds as the wire has them."""
    return at if at is None or not at.microsecond else wire(at)


def _step(step: Step | None) -> Json | None:
    if step is None:
        return None
    return {"at": wired(step.at), "severity": step.severity, "confidence": step.confidence}
