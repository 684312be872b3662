"""What was told of a movement's delays, and what is to be told now."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.facts import Facts
from services.tracker.core.lateness import DUE_SHOWN, Identity, Lateness


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last word that was told of one delay; closed ones keep only their episode."""

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


def news(
    told: Mapping[Identity, Told],
    found: Mapping[Identity, Lateness],
    facts: Facts,
    now: datetime,
    *,
    backlog_before: datetime,
) -> Iterator[News]:
    """What is new at `now`, in the order in which delays are told.

    A delay that was late before `backlog_before` belongs to the backlog of a first start.
    """
    for identity in sorted({*told, *found}, key=lambda identity: identity.order):
        known, lateness = told.get(identity), found.get(identity)
        if lateness is not None and lateness.open_at(now):
            if known is not None and known.is_open:
                yield from _changed(known, lateness, now)
            else:
                raised = _raised(identity, known, lateness, now, backlog_before)
                yield News("delay_raised", raised, lateness)
        elif known is not None:
            if known.is_open:
                ending = _ending(known, lateness, facts, now)
                closed = msgspec.structs.replace(known, is_open=False)
                yield News("delay_cleared", closed, lateness, ending)
        elif lateness is not None and lateness.was_open(now):
            yield from _historic(identity, lateness, facts, now, backlog_before)


def _raised(
    identity: Identity,
    known: Told | None,
    lateness: Lateness,
    now: datetime,
    backlog_before: datetime,
) -> Told:
    step = lateness.step_at(now if lateness.until is None else min(now, lateness.until))
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
        backlog=lateness.late_since < backlog_before,
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
    )
    if _worth_telling(known) != _worth_telling(current):
        yield News("delay_changed", current, lateness)


def _worth_telling(told: Told) -> tuple[object, ...]:
    """What makes a change: a slip is told by whole steps, and not for a moved begin alone."""
    slipping = told.delay == "eta_slip"
    late_since = None if slipping else told.late_since
    due_at = told.due_at if told.delay in DUE_SHOWN else None
    return (late_since, due_at, told.severity, told.confidence, told.slip)


def _historic(
    identity: Identity,
    lateness: Lateness,
    facts: Facts,
    now: datetime,
    backlog_before: datetime,
) -> Iterator[News]:
    """Already over when first seen: raised and cleared in one look, for the record only."""
    raised = _raised(identity, None, lateness, now, backlog_before)
    yield News("delay_raised", raised, lateness, historic=True)
    ending = _ending(raised, lateness, facts, now)
    closed = msgspec.structs.replace(raised, is_open=False)
    yield News("delay_cleared", closed, lateness, ending, historic=True)


def _ending(known: Told, lateness: Lateness | None, facts: Facts, now: datetime) -> Ending:
    """Why a delay that was told is no longer open."""
    if _replanned(known, lateness, facts):
        return Ending("replanned", None)
    if lateness is None:
        return Ending("corrected", None)
    if lateness.until is not None:
        return _ended(known, lateness.until, lateness.because)
    if lateness.expires is not None and lateness.late_since <= now:
        return Ending("superseded", lateness.expires)
    return _ended(known, lateness.origin_at, None)


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


def _ended(known: Told, at: datetime, because: str | None) -> Ending:
    happened = "happened" if at > known.late_since else "corrected"
    return Ending(because or happened, at)
