"""The sentence of a delay: what is late, since when, what was promised and last known, what next."""

from datetime import datetime, timedelta

from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.kinds import words_for
from services.tracker.core.lateness import Step
from services.tracker.core.ledger import plain
from services.tracker.core.told import Ending, Told

MODES = {"inland_water": "inland water"}

CAUSES = {
    "accepted": "the discrepancy was accepted",
    "cancelled": "cancelled",
    "corrected": "only the report was late or wrong",
    "lost": "all of it was lost",
    "replanned": "planned anew",
    "returned": "returned",
    "superseded": "overtaken by events",
    "transferred": "moved to other subjects",
}

HAPPENED = {
    "delivery_overdue": "handed over late",
    "dwell": "it moved on",
    "eta_slip": "expected in time again",
    "held": "released",
    "milestone_overdue": "reached late",
    "never_departed": "departed late",
    "no_show": "all reported for duty",
    "overstay": "came home late",
    "short_delivery": "made good",
    "silent": "heard of again",
    "unplanned": "planned now",
    "unverified_delivery": "confirmed late",
}

VERBS = {
    "registered": "registered",
    "ready": "ready",
    "departed": "left",
    "arrived": "arrived",
    "held": "held",
    "released": "released",
    "handed_over": "handed over",
    "confirmed": "confirmed by the recipient",
    "lost": "lost in part",
    "split": "split",
    "merged": "merged",
    "cancelled": "cancelled",
    "completed": "tour completed",
    "returned": "returned",
}


def sentence(told: Told, facts: Facts, next_step: Step | None, ending: Ending | None) -> str:
    """Tell one delay to a person on call."""
    what = f"{_cargo(facts)}{_whither(facts)}"
    if ending is not None:
        moment = f" on {day(ending.ended_at)}" if ending.ended_at else ""
        cause = (
            HAPPENED.get(told.delay, "over")
            if ending.because == "happened"
            else CAUSES[ending.because]
        )
        return f"{what}: {_name(told)} is over{moment}: {cause}."
    parts = [f"{what}{_complaint(told, facts)}.", _last_known(facts)]
    if next_step is not None:
        still = f" if still {told.confidence}" if told.confidence == "unreported" else ""
        parts.append(f"{next_step.severity.capitalize()} on {day(next_step.at)}{still}.")
    return " ".join(part for part in parts if part)


def day(at: datetime) -> str:
    """A date as people write it; with the time of day where it has one."""
    words = f"{at.day} {at:%b %Y}"
    return words if (at.hour, at.minute) == (0, 0) else f"{words} {at:%H:%M}Z"


def _name(told: Told) -> str:
    place = f" (leg {told.leg})" if told.leg else ""
    return f"{told.delay.replace('_', ' ')}{place}"


def _cargo(facts: Facts) -> str:
    lines = [line for line in facts.lines if line.shipped is not None]
    if not lines:
        return f"{facts.kind.capitalize()} {facts.subject_id}"
    shown = [f"{plain(x.shipped or 0)} {words_for(x.item, x.shipped or 0)}" for x in lines[:3]]
    more = f" and {len(lines) - 3} more lines" if len(lines) > 3 else ""
    return f"{', '.join(shown)}{more} ({facts.subject_id})"


def _whither(facts: Facts) -> str:
    country = f" for {facts.country}" if facts.country else ""
    agency = f" from {facts.agency}" if facts.agency else ""
    return f"{country}{agency}"


def _complaint(told: Told, facts: Facts) -> str:
    since = day(told.late_since)
    due = f", due {day(told.due_at)}," if told.due_at else ""
    match told.delay:
        case "never_departed":
            return f"{due} have not departed"
        case "milestone_overdue":
            leg = f" on leg {told.leg}" if told.leg else ""
            return f"{due} are not reported as {(told.milestone or '').replace('_', ' ')}{leg}"
        case "delivery_overdue":
            doubt = " and are likely late in truth" if told.confidence == "likely" else ""
            return f"{due} have not been handed over{doubt}"
        case "eta_slip":
            eta = day(told.eta_at) if told.eta_at else "later"
            return f"{due} are now expected only on {eta}, as said on {since}"
        case "dwell":
            return f" have stood at the end of leg {told.leg} for too long, late since {since}"
        case "held":
            return f" are held ({_hold_reason(told, facts)}), too long since {since}"
        case "silent":
            return f" are on the move and have not been heard of, too long since {since}"
        case "no_show":
            present = sum(plain(line.accepted) for line in facts.heads)
            return f"{due} have not all reported for duty: {present} present"
        case _:
            return _complaint_of_account(told, facts, due, since)


def _complaint_of_account(told: Told, facts: Facts, due: str, since: str) -> str:
    match told.delay:
        case "short_delivery":
            lacking = sum(plain(line.lacking) for line in facts.lines)
            return f"{due} were handed over short since {since}: {lacking} lacking"
        case "damage_loss":
            harmed = sum(plain(line.harmed) for line in facts.lines)
            return f": {harmed} damaged or lost since {since}"
        case "unverified_delivery":
            return f" were handed over, but the recipient has not confirmed it by {since}"
        case "overstay":
            return f"{due} have not come home"
        case "unplanned":
            return f" have no due date although registered long ago, asked for since {since}"
        case "contradiction":
            return f": cancelled, yet something happened to them on {since}"
        case "conflict":
            return f": one event was told in two ways on {since}"
        case _:
            return f": the recipient's word of {since} differs from the hand-over"


def _hold_reason(told: Told, facts: Facts) -> str:
    hold = next((hold for hold in facts.holds if hold.hold_id == told.hold_id), None)
    return (hold.reason if hold is not None else None) or "no reason given"


def _last_known(facts: Facts) -> str:
    """The latest thing that is known to have happened, from whom, and who holds it now."""
    last = last_report(facts)
    if last is None:
        return "Nothing has been reported yet."
    place = last.location.name or last.location.unlocode
    where = f" {'at ' if last.type != 'departed' else ''}{place}" if place else ""
    mode = f" by {MODES.get(last.mode, last.mode)}" if last.mode else ""
    holder = f", with {facts.custodian}" if facts.custodian else ""
    word = VERBS.get(last.type, last.type)
    by = f" (says {last.publisher})"
    return f"Last known: {word}{where}{mode} on {day(last.happened_at)}{by}{holder}."


def last_report(facts: Facts) -> Report | None:
    """The newest actual event by the moment at which it happened."""
    actual = [r for r in facts.reports if r.classifier == "actual" and r.type in VERBS]
    return max(actual, key=lambda report: (report.happened_at, report.recency), default=None)


def duration(span: timedelta) -> str:
    """ISO 8601 in hours."""
    return f"PT{int(span.total_seconds() // 3600)}H"
