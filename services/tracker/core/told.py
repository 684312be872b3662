"""What was told of a movement's delays, and what is to be told now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.events import Report
from services.tracker.core.facts import Facts
from services.tracker.core.lateness import (
    DUE_SHOWN,
    ENDED_BY_CORRECTION_ONLY,
    Experience,
    Identity,
    Lateness,
    Over,
    Step,
)
from services.tracker.core.merge import contact_of


class Told(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last word that was told of one delay; of a closed one only the episode still counts."""

    delay: str
    milestone: str | None
    leg: int | None
    hold_id: str | None
    episode: int
    is_open: bool
    late_since: datetime
    raised_at: datetime
    severity: str
    confidence: str | None = None
    due_at: datetime | None = None
    eta_at: datetime | None = None
    slip: int = 0
    backlog: bool = False
    learnt: Experience | None = None
    """What past silences said when it became likely."""

    @property
    def identity(self) -> Identity:
        return Identity(self.delay, self.milestone, self.leg, self.hold_id)


class Ending(NamedTuple):
    """Why a delay is cleared, and the moment of the fact that ended it, if a fact did."""

    because: str
    ended_at: datetime | None


class News(NamedTuple):
    """One thing to tell: a delay raised, changed, or cleared with its ending."""

    type: str
    told: Told
    lateness: Lateness | None
    ending: Ending | None = None
    historic: bool = False


End = Callable[[Told, Lateness | None], Ending]
"""Says why a delay that was told is no longer open."""


class Look(NamedTuple):
    """One look at a subject: the moment, and the report that was merged just before, if any.

    A delay that was late before `backlog_before` belongs to the backlog of a first start.
    """

    now: datetime
    backlog_before: datetime
    report: Report | None = None


def news(
    told: Mapping[Identity, Told],
    found: Mapping[Identity, Lateness],
    look: Look,
    ending: End,
) -> Iterator[News]:
    """What is new at this look, in the order in which delays are told."""
    now = look.now
    for identity in _in_order(told, found):
        known, lateness = told.get(identity), found.get(identity)
        if known is None and (lateness is None or lateness.late_since > now):
            continue
        if lateness is not None and lateness.open_at(now):
            if known is not None and known.is_open:
                yield from _changed(known, lateness, now)
            else:
                yield News("delay_raised", _raised(identity, known, lateness, look), lateness)
        elif known is not None:
            if known.is_open:
                closed = msgspec.structs.replace(known, is_open=False)
                yield News("delay_cleared", closed, lateness, ending(known, lateness))
        elif lateness is not None and lateness.was_open(now):
            yield from _historic(identity, lateness, look)


def _in_order(
    told: Mapping[Identity, Told], found: Mapping[Identity, Lateness]
) -> Iterable[Identity]:
    """All identities as the table orders them, which is the order in which rules find them."""
    if not told or found.keys() >= told.keys():
        return found
    return sorted({*told, *found}, key=lambda identity: identity.order)


def _raised(
    identity: Identity,
    known: Told | None,
    lateness: Lateness,
    look: Look,
) -> Told:
    now = look.now
    over = lateness.over_at(now)
    step = lateness.step_at(now) if over is None else lateness.step_before(over.at)
    return Told(
        *identity,
        episode=known.episode + 1 if known else 1,
        is_open=True,
        late_since=lateness.late_since,
        raised_at=max(lateness.late_since, now),
        severity=step.severity,
        confidence=step.confidence,
        due_at=lateness.due_at,
        eta_at=lateness.eta_at,
        slip=lateness.slip,
        backlog=lateness.late_since < look.backlog_before,
        learnt=_learnt(lateness, step),
    )


def _changed(known: Told, lateness: Lateness, now: datetime) -> Iterator[News]:
    step = lateness.step_at(now)
    current = msgspec.structs.replace(
        known,
        late_since=lateness.late_since,
        severity=step.severity,
        confidence=step.confidence,
        due_at=lateness.due_at,
        eta_at=lateness.eta_at,
        slip=lateness.slip,
        learnt=_learnt(lateness, step),
    )
    if current.slip > known.slip or _worth_telling(known) != _worth_telling(current):
        yield News("delay_changed", current, lateness)


def _learnt(lateness: Lateness, step: Step) -> Experience | None:
    return lateness.learnt if step.confidence == "likely" else None


def _worth_telling(told: Told) -> tuple[object, ...]:
    """What makes a change beside a further slip; a slip is not told for a moved begin alone."""
    late_since = None if told.delay == "eta_slip" else told.late_since
    due_at = told.due_at if told.delay in DUE_SHOWN else None
    return (late_since, due_at, told.severity, told.confidence)


def _historic(
    identity: Identity,
    lateness: Lateness,
    look: Look,
) -> Iterator[News]:
    """Already over when first seen: raised and cleared in one look, for the record only."""
    raised = _raised(identity, None, lateness, look)
    yield News("delay_raised", raised, lateness, historic=True)
    over = lateness.over_at(look.now)
    why = ended(raised, over) if over is not None else None
    closed = msgspec.structs.replace(raised, is_open=False)
    yield News("delay_cleared", closed, lateness, why, historic=True)


def ending(known: Told, lateness: Lateness | None, facts: Facts, look: Look) -> Ending:
    """Why a delay of a movement that was told is no longer open."""
    if _replanned(known, lateness, facts):
        return Ending("replanned", None)
    over = lateness.over_at(look.now) if lateness is not None else _ended_with(known, facts)
    if over is not None and over.because == "superseded":
        return Ending(over.because, over.at)
    if look.report is not None and look.report.retracted:
        return Ending("corrected", None)
    if over is not None:
        return ended(known, over)
    if look.report is not None:
        return _by_report(known, look.report)
    # By other rules, which say that it is not late; or by terms that were withdrawn.
    return Ending("corrected" if lateness is None else "superseded", None)


def _ended_with(known: Told, facts: Facts) -> Over | None:
    """What explains that the rule no longer speaks of it: a hold, or the end of the movement."""
    arrived = facts.milestone("arrived", known.leg or 1).actual_at
    if known.delay == "dwell" and arrived is not None and facts.open_hold is not None:
        return Over(facts.open_hold.since, "superseded")
    if known.delay != "silent" or facts.ended is None or not facts.ended.names_cause:
        return None
    return Over(facts.ended.at, facts.ended.word)


def _by_report(known: Told, report: Report) -> Ending:
    """What the rule rested on is gone or has moved, by the report that was just merged."""
    if known.delay in ENDED_BY_CORRECTION_ONLY or report.type in OPERATORS_WORDS:
        at = report.revised_at if known.delay == "conflict" else report.happened_at
        return Ending("corrected", at)
    at = report.counts_from
    if known.delay == "silent":
        at = contact_of(report) or at
    return ended(known, Over(at, None))


def _replanned(known: Told, lateness: Lateness | None, facts: Facts) -> bool:
    """A due moment that moved, and not anything that happened, is why it is late no more."""
    if lateness is None:
        if known.delay not in DUE_SHOWN or known.milestone is None:
            return False
        due = facts.milestone(known.milestone, known.leg or 1).due
        return due is not None and due.at != known.due_at
    if lateness.due_at is None or lateness.due_at == known.due_at:
        return False
    decides = lateness.until is None and lateness.late_since == lateness.due_at
    return known.delay in DUE_SHOWN or decides


def ended(known: Told, over: Over) -> Ending:
    """Something happened after it was late, or only the paper was late."""
    happened = "happened" if over.at > known.late_since else "corrected"
    return Ending(over.because or happened, over.at)
