"""The sentence of a delay: what is late and since when, what was last known, what comes next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.tracker.core.facts import Facts
from services.tracker.core.kinds import words_for
from services.tracker.core.lateness import Step
from services.tracker.core.ledger import plain
from services.tracker.core.told import Ending, Told

SHOWN_LINES = 3

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
    "commitment_uncovered": "covered late",
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

ENDED = {
    "commitment_uncovered": "the gap in the promise",
    "conflict": "the conflict",
    "contradiction": "the contradiction",
    "damage_loss": "the damage or loss",
    "delivery_overdue": "the overdue delivery",
    "disputed": "the dispute",
    "dwell": "the long stop",
    "eta_slip": "the slip of the estimate",
    "held": "the long hold",
    "milestone_overdue": "the overdue milestone",
    "never_departed": "the overdue departure",
    "no_show": "the absence",
    "overstay": "the overstay",
    "short_delivery": "the short delivery",
    "silent": "the silence",
    "unplanned": "the missing plan",
    "unverified_delivery": "the missing confirmation",
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


def sentence(facts: Facts, told: Told, next_step: Step | None, ending: Ending | None) -> str:
    """Tell one delay to a person on call."""
    what = f"{_cargo(facts)}{_whither(facts)}"
    if ending is not None:
        return is_over(what, told.delay, ending)
    parts = [f"{what}{_complaint(told, facts)}.", _experience(told), _last_known(facts)]
    if next_step is not None:
        still = f" if still {told.confidence}" if told.confidence == "unreported" else ""
        parts.append(f"{next_step.severity.capitalize()} on {day(next_step.at)}{still}.")
    return " ".join(part for part in parts if part)


def is_over(what: str, delay: str, ending: Ending) -> str:
    """Tell that a delay has ended, and why."""
    moment = f" on {day(ending.ended_at)}" if ending.ended_at else ""
    happened = HAPPENED.get(delay, "over")
    cause = happened if ending.because == "happened" else CAUSES[ending.because]
    return f"{what}: {ENDED[delay]} is over{moment}: {cause}."


def day(at: datetime) -> str:
    """A date as people write it; with the time of day where it has one."""
    words = f"{at.day} {at:%b %Y}"
    return words if (at.hour, at.minute) == (0, 0) else f"{words} {at:%H:%M}Z"


def _cargo(facts: Facts) -> str:
    lines = [line for line in facts.lines if line.shipped is not None]
    if not lines:
        return f"{facts.kind.capitalize()} {facts.subject_id}"
    shown = [f"{plain(x.shipped or 0)} {words_for(x.item, x.shipped or 0)}" for x in lines]
    return f"{listed(shown)} ({facts.subject_id})"


def listed(lines: Sequence[str]) -> str:
    """The first few of many lines."""
    rest = len(lines) - SHOWN_LINES
    more = f" and {rest} more lines" if rest > 0 else ""
    return ", ".join(lines[:SHOWN_LINES]) + more


def _is_one(facts: Facts) -> bool:
    """Whether the sentence speaks of one thing: one piece, or a subject without lines."""
    shipped = [line.shipped for line in facts.lines if line.shipped is not None]
    return not shipped or shipped == [1]


def _whither(facts: Facts) -> str:
    country = f" for {facts.country}" if facts.country else ""
    agency = f" from {facts.agency}" if facts.agency else ""
    return f"{country}{agency}"


def _complaint(told: Told, facts: Facts) -> str:
    """What is wrong, in the words of the delay."""
    words = {
        "never_departed": "{due} {have} not departed, late since {since}",
        "milestone_overdue": "{due} {are} not reported as {milestone}{leg}, late since {since}",
        "delivery_overdue": "{due} {have} not been handed over, late since {since}{doubt}",
        "eta_slip": "{due} {are} now expected only on {eta}, as said on {since}",
        "dwell": " {have} been waiting at the end of leg {number}, beyond the limit since {since}",
        "held": " {are} held ({reason}), beyond the usual time since {since}",
        "silent": " {are} on the move and nothing was heard, though a sign was due by {since}",
        "no_show": "{due} {have} not all reported for duty, late since {since}: "
        "{present} of {heads} present",
        "short_delivery": "{due} {were} handed over short on {since}: "
        "{lacking} of {shipped} lacking",
        "damage_loss": ": {harmed} damaged or lost since {since}",
        "unverified_delivery": " {were} handed over and not confirmed by the recipient by {since}",
        "overstay": "{due} {have} not come home",
        "unplanned": " {have} no due date and should have had one by {since}",
        "contradiction": ": cancelled, yet something happened to it on {since}",
        "conflict": ": one event was told in two ways on {since}",
        "disputed": ": the recipient's word of {since} differs from the hand-over",
    }
    return words[told.delay].format(**_particulars(told, facts))


def _particulars(told: Told, facts: Facts) -> dict[str, object]:
    one = _is_one(facts)
    return {
        "have": "has" if one else "have",
        "are": "is" if one else "are",
        "were": "was" if one else "were",
        "since": day(told.late_since),
        "due": f", due {day(told.due_at)}," if told.due_at else "",
        "eta": day(told.eta_at) if told.eta_at else "later",
        "milestone": (told.milestone or "").replace("_", " "),
        "leg": f" on leg {told.leg}" if told.leg else "",
        "number": told.leg,
        "doubt": ", likely not merely unreported" if told.confidence == "likely" else "",
        "reason": _hold_reason(told, facts),
        "present": plain(sum(line.accepted for line in facts.heads)),
        "heads": plain(sum(line.shipped or 0 for line in facts.heads)),
        "shipped": plain(sum(line.shipped or 0 for line in facts.lines)),
        "lacking": plain(sum(line.lacking for line in facts.lines)),
        "harmed": plain(sum(line.harmed for line in facts.lines)),
    }


def _experience(told: Told) -> str:
    """Why a silence is believed, in numbers that a person can check."""
    learnt = told.learnt
    if learnt is None:
        return ""
    who = learnt.publisher or "anybody"
    where = f" about a delivery to {learnt.country}" if learnt.country else ""
    if learnt.times == 1:
        return f"The last time {who} was silent this long{where}, it was truly late."
    times = f"Of the last {learnt.times} times {who} was silent this long{where}"
    return f"{times}, {learnt.late} were truly late."


def _hold_reason(told: Told, facts: Facts) -> str:
    hold = next((hold for hold in facts.holds if hold.hold_id == told.hold_id), None)
    return (hold.reason if hold is not None else None) or "no reason given"


def _last_known(facts: Facts) -> str:
    """The latest thing that is known to have happened, from whom, and who holds it now."""
    last = facts.last_report
    if last is None:
        return "Nothing has been reported yet."
    place = last.location.name or last.location.unlocode
    moved = last.type != "registered"  # which names where it is to go, not where it is
    where = f" {'' if last.type == 'departed' else 'at '}{place}" if place and moved else ""
    mode = f" by {MODES.get(last.mode, last.mode)}" if last.mode and moved else ""
    holder = f", with {facts.custodian}" if facts.custodian else ", holder unknown"
    word = VERBS.get(last.type, last.type)
    by = f" (says {last.publisher})"
    return f"Last known: {word}{where}{mode} on {day(last.happened_at)}{by}{holder}."


def duration(span: timedelta) -> str:
    """ISO 8601 in hours, else in minutes or seconds."""
    seconds = int(span.total_seconds())
    for unit, size in (("H", 3600), ("M", 60)):
        if seconds % size == 0:
            return f"PT{seconds // size}{unit}"
    return f"PT{seconds}S"
