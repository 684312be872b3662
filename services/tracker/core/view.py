"""How a movement and its delays go over the wire (shapes: `schemas/movements.py`, `delays.py`)."""

from collections.abc import Iterable
from datetime import datetime

import orjson

from schemas.delays import delay_id
from schemas.times import wire
from schemas.vocabulary import LEGGED
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import DUE_SHOWN, Step
from services.tracker.core.ledger import LedgerLine, Number, plain
from services.tracker.core.milestones import Milestone
from services.tracker.core.sentence import duration, last_report, sentence
from services.tracker.core.told import News, Told

RULES_VERSION = "1"

Json = dict[str, object]


def movement_view(facts: Facts, events: int, told: Iterable[Told]) -> Json:
    """The public state of a movement: everything but `delays` is a function of its events."""
    return {
        "kind": facts.kind,
        "subject_id": facts.subject_id,
        "state": facts.state,
        "leg": facts.leg,
        "legs": facts.legs,
        "owner": facts.agency,
        "custodian": facts.custodian,
        "commitment": facts.commitment,
        "country": facts.country,
        "mode": facts.mode_of(facts.leg),
        "milestones": [_milestone(m) for m in facts.milestones.values() if m.spoken_of],
        "lines": [_line(line, facts) for line in facts.lines],
        "holds": [
            {"hold_id": hold.hold_id, "reason": hold.reason, "since": wire(hold.since)}
            for hold in facts.holds
            if hold.ended_at is None
        ],
        "doubts": list(facts.doubts.names),
        "last_contact_at": _wire(facts.last_contact_at),
        "events": events,
        "delays": [_open_delay(facts, one) for one in sorted(told, key=_by_name) if one.is_open],
    }


def delay_record(news: News, facts: Facts, seq: int, now: datetime) -> Json:
    """What is told of a delay on the topic `delays`."""
    told, ending = news.told, news.ending
    step = news.lateness.next_step(now) if news.lateness and ending is None else None
    record: Json = {
        "type": news.type,
        "delay_id": _delay_id(facts, told),
        "episode": told.episode,
        "seq": seq,
        **_identity(told, facts),
        "late_since": wire(told.late_since),
        "raised_at": wire(told.raised_at),
        "severity": told.severity,
        "confidence": told.confidence,
        "country": facts.country,
        "agency": facts.agency,
        "commitment": facts.commitment,
        "items": sorted({line.item for line in facts.lines if line.item is not None}),
        "due_at": _wire(told.due_at) if told.delay in DUE_SHOWN else None,
    }
    if told.delay == "eta_slip":
        record["eta_at"] = _wire(told.eta_at)
    record["next_step"] = _step(step)
    if ending is not None:
        record |= {"cleared_at": wire(now), "ended_at": _wire(ending.ended_at)}
        record["because"] = ending.because
    record |= {"historic": news.historic, "backlog": told.backlog}
    record["sentence"] = sentence(told, facts, step, ending)
    record["evidence"] = _evidence(news, facts)
    return record


def dumps(record: Json) -> bytes:
    """Compact JSON; equal records are equal bytes."""
    return orjson.dumps(record)


def _identity(told: Told, facts: Facts) -> Json:
    return {
        "delay": told.delay,
        "kind": facts.kind,
        "subject_id": facts.subject_id,
        "milestone": told.milestone,
        "leg": told.leg,
        "hold_id": told.hold_id,
    }


def _delay_id(facts: Facts, told: Told) -> str:
    return delay_id(
        told.delay,
        facts.kind,
        facts.subject_id,
        told.milestone,
        told.leg,
        told.hold_id,
        told.episode,
    )


def _evidence(news: News, facts: Facts) -> Json:
    lateness = news.lateness
    last = last_report(facts)
    events = [*(lateness.evidence if lateness else ()), *([last.identity] if last else [])]
    return {
        "rule": news.told.delay,
        "rules_version": RULES_VERSION,
        "threshold": duration(lateness.threshold) if lateness else None,
        "events": list(dict.fromkeys(events)),
    }


def _open_delay(facts: Facts, told: Told) -> Json:
    return {
        "delay_id": _delay_id(facts, told),
        "delay": told.delay,
        "milestone": told.milestone,
        "leg": told.leg,
        "hold_id": told.hold_id,
        "late_since": wire(told.late_since),
        "severity": told.severity,
        "confidence": told.confidence,
    }


def _by_name(told: Told) -> tuple[str, tuple[int, tuple[int, int, int], str]]:
    return (told.delay, told.identity.order)


def _milestone(milestone: Milestone) -> Json:
    return {
        "type": milestone.type,
        "leg": milestone.leg if milestone.type in LEGGED else None,
        "baseline_at": _wire(milestone.baseline.at if milestone.baseline else None),
        "due_at": _wire(milestone.due.at if milestone.due else None),
        "planned_at": _wire(milestone.plan.happened_at if milestone.plan else None),
        "estimated_at": _wire(milestone.estimate.happened_at if milestone.estimate else None),
        "actual_at": _wire(milestone.actual_at),
        "reported_by": milestone.reported_by,
        "inferred": milestone.inferred,
    }


def _line(line: LedgerLine, facts: Facts) -> Json:
    confirmed = [
        x for x in (facts.confirmed.lines if facts.confirmed else ()) if x.line == line.line
    ]
    return {
        "line": line.line,
        "item": line.item,
        "unit": line.unit,
        "shipped": _number(line.shipped),
        "accepted": plain(line.accepted),
        "damaged": plain(line.damaged),
        "missing": plain(line.missing),
        "surplus": plain(line.surplus),
        "lost": plain(line.lost),
        "moved": plain(line.moved),
        "outstanding": _number(line.outstanding),
        "confirmed": confirmed[0].accepted if confirmed else None,
    }


def _number(number: Number | None) -> int | float | None:
    return None if number is None else plain(number)


def _wire(at: datetime | None) -> str | None:
    return None if at is None else wire(at)


def _step(step: Step | None) -> Json | None:
    if step is None:
        return None
    return {"at": wire(step.at), "severity": step.severity, "confidence": step.confidence}
