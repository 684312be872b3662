"""What was said of a movement, event by event, and what became of one event."""

from msgspec import to_builtins

from schemas.times import wire
from services.tracker.core.events import Report
from services.tracker.core.merge import Content, History, Register
from services.tracker.core.view import Json


def timeline(history: History) -> list[Json]:
    """The last word of every identity, retracted ones too, by the moment at which it happened.

    `seen` leaves no word behind.
    """
    # Words of one moment stay in the order in which they were said.
    registers = sorted(history.registers, key=lambda register: register.report.happened_at)
    return [_entry(register) for register in registers]


def last_word(register: Register) -> Json:
    """What became of an event: known, revised or retracted, and its last word."""
    report = register.report
    status = "revised" if report.revised_at != report.recorded_at else "known"
    return {"status": "retracted" if report.retracted else status, **_entry(register)}


def _entry(register: Register) -> Json:
    report = register.report
    return {
        "publisher": report.publisher,
        "event_id": report.event_id,
        "type": report.type,
        "classifier": report.classifier,
        "leg": report.leg,
        "occurred_at": wire(report.occurred_at) if report.occurred_at else None,
        "recorded_at": wire(report.recorded_at),
        "revised_at": wire(report.revised_at),
        "place": _place(report),
        "mode": report.mode,
        "custodian": report.parties.custodian,
        "hold_id": report.hold_id,
        "reason": report.reason,
        "retracted": report.retracted,
        "conflict": bool(register.rivals),
        "contents": [_content(each) for each in register.told] if register.rivals else [],
    }


def _content(content: Content) -> Json:
    """One of several contents, so that an operator can say which counts."""
    report = content.report
    return {
        "content": content.digest.hex(),
        "type": report.type,
        "classifier": report.classifier,
        "occurred_at": wire(report.occurred_at) if report.occurred_at else None,
        "place": _place(report),
        "lines": [to_builtins(line) for line in report.lines],
    }


def _place(report: Report) -> str | None:
    place = report.location
    return place.name or place.unlocode or place.country
