"""The merge: per identity one register, the last word wins, in whatever order words arrive.

Associative, commutative and idempotent, so that state never depends on arrival order.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.events import Report


class Fate(StrEnum):
    """What became of a report."""

    APPLIED = "applied"
    CONTACT = "contact"
    DUPLICATE = "duplicate"
    STALE = "stale"
    CONFLICT = "conflict"


class First(msgspec.Struct, frozen=True):
    """The first time that an identity planned for a milestone: what a baseline is made of."""

    type: str
    leg: int
    revised_at: datetime
    digest: str
    occurred_at: datetime


class Register(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last word of one identity.

    `rivals` are the digests of other contents with the same `revised_at`: the doubt `conflict`.
    """

    report: Report
    digest: str
    rivals: tuple[str, ...] = ()
    firsts: tuple[First, ...] = ()


class History(msgspec.Struct, frozen=True):
    """All that was said about one subject, merged: the facts are a function of it."""

    kind: str
    subject_id: str
    registers: dict[str, Register]
    last_contact_at: datetime | None = None

    def live(self) -> Iterator[Report]:
        """The last words that are not retracted."""
        return (r.report for r in self.registers.values() if not r.report.retracted)


def fold(history: History, report: Report, digest: str) -> tuple[History, Fate]:
    """Merge one report into what is known; a report that changes nothing gives it back as it is."""
    contact = _latest(history.last_contact_at, contact_of(report))
    if report.type == "seen":
        return _with(history, history.registers, contact), Fate.CONTACT
    known = history.registers.get(report.identity)
    register, fate = _merge(known, report, digest)
    registers = history.registers
    if register is not known:
        registers = {**registers, report.identity: register}
    return _with(history, registers, contact), fate


def _with(history: History, registers: dict[str, Register], contact: datetime | None) -> History:
    if registers is history.registers and contact == history.last_contact_at:
        return history
    return History(history.kind, history.subject_id, registers, contact)


def contact_of(report: Report) -> datetime | None:
    """When the subject was heard of by this report; None for an operator's word."""
    if report.type in OPERATORS_WORDS:
        return None
    actual = report.classifier == "actual" and not report.retracted
    return report.happened_at if actual else report.recorded_at


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _merge(known: Register | None, report: Report, digest: str) -> tuple[Register, Fate]:
    if known is None:
        return Register(report, digest, (), _firsts((), report, digest)), Fate.APPLIED
    firsts = _firsts(known.firsts, report, digest)
    if digest == known.digest or digest in known.rivals:
        return known, Fate.DUPLICATE
    standing = known.report
    if report.revised_at != standing.revised_at or report.retracted != standing.retracted:
        if _beats(report, standing):
            return Register(report, digest, (), firsts), Fate.APPLIED
        if firsts == known.firsts:
            return known, Fate.STALE
        return Register(standing, known.digest, known.rivals, firsts), Fate.STALE
    return _tie(known, report, digest, firsts)


def _beats(report: Report, standing: Report) -> bool:
    return (report.revised_at, report.retracted) > (standing.revised_at, standing.retracted)


def _tie(
    known: Register, report: Report, digest: str, firsts: tuple[First, ...]
) -> tuple[Register, Fate]:
    """Two contents with the same `revised_at`: the larger digest stands, and it is in doubt."""
    winner = (report, digest) if digest > known.digest else (known.report, known.digest)
    if report.retracted:
        return Register(*winner, (), firsts), Fate.STALE
    rivals = sorted({*known.rivals, known.digest, digest} - {winner[1]})
    return Register(*winner, tuple(rivals), firsts), Fate.CONFLICT


def _firsts(firsts: tuple[First, ...], report: Report, digest: str) -> tuple[First, ...]:
    if report.classifier != "planned" or report.retracted:
        return firsts
    new = First(report.type, report.leg, report.revised_at, digest, report.happened_at)
    for first in firsts:
        if (first.type, first.leg) == (new.type, new.leg):
            if (first.revised_at, first.digest) <= (new.revised_at, new.digest):
                return firsts
            return tuple(sorted((new if f is first else f for f in firsts), key=_place))
    return tuple(sorted((*firsts, new), key=_place))


def _place(first: First) -> tuple[str, int]:
    return (first.type, first.leg)
