"""The merge: per identity one register, the last word wins, in whatever order words arrive.

Associative, commutative and idempotent, so that state never depends on arrival order.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.vocabulary import OPERATORS_WORDS
from services.tracker.core.events import Report, recency
from services.tracker.core.terms import Terms, latest_terms

RIVALS_KEPT = 8
"""Of contents that contradict each other, so many beside the one that stands: a further one is told
again each time it comes, which harms nothing, and a register keeps its size."""


class Fate(StrEnum):
    """What became of a report."""

    APPLIED = "applied"
    CONTACT = "contact"
    DUPLICATE = "duplicate"
    STALE = "stale"
    CONFLICT = "conflict"
    TOO_MANY = "too_many"


class First(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The first time that an identity planned for a milestone: what a baseline is made of."""

    type: str
    leg: int
    revised_at: datetime
    digest: bytes
    occurred_at: datetime


class Content(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an identity says beside what stands, for an operator to choose."""

    digest: bytes
    report: Report


class Register(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last word of one identity.

    `rivals` are the digests of other contents with the same `revised_at`: the doubt `conflict`;
    `contents` are these themselves.
    """

    report: Report
    digest: bytes
    rivals: tuple[bytes, ...] = ()
    firsts: tuple[First, ...] = ()
    contents: tuple[Content, ...] = ()

    @property
    def told(self) -> tuple[Content, ...]:
        """All that it says at once, what stands first."""
        return (Content(self.digest, self.report), *self.contents)

    @property
    def size(self) -> int:
        """About how many bytes the lines of all its contents take at most."""
        if not self.contents:
            return self.report.size
        return sum(content.report.size for content in self.told)


class History(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that was said about one subject, merged: the facts are a function of it.

    The registers stand in the order of their words, from the oldest to the newest. `folded` words,
    said until `folded_until`, were superseded and are no longer among them.
    """

    kind: str
    subject_id: str
    registers: tuple[Register, ...] = ()
    last_contact_at: datetime | None = None
    folded: int = 0
    folded_until: datetime | None = None
    terms: tuple[Terms, ...] = ()

    def live(self) -> Iterator[Report]:
        """The last words that are not retracted, from the oldest to the newest."""
        return (r.report for r in self.registers if not r.report.retracted)

    def find(self, publisher: str, event_id: str) -> Register | None:
        """The register of an identity."""
        for register in self.registers:
            report = register.report
            if report.event_id == event_id and report.publisher == publisher:
                return register
        return None

    def with_contact(self, at: datetime | None) -> "History":
        """The same, last heard of at that moment."""
        if at == self.last_contact_at:
            return self
        return msgspec.structs.replace(self, last_contact_at=at)

    def with_terms(self, said: Terms) -> "History":
        """The same, with terms that a promise or a split sent; itself where they change nothing."""
        terms = latest_terms(self.terms, said)
        return self if terms is self.terms else msgspec.structs.replace(self, terms=terms)


def fold(history: History, report: Report, digest: bytes) -> tuple[History, Fate]:
    """Merge one report into what is known; a report that changes nothing gives it back as it is."""
    contact = _latest(history.last_contact_at, contact_of(report))
    if report.type == "seen":
        return history.with_contact(contact), Fate.CONTACT
    known = history.find(report.publisher, report.event_id)
    register, fate = _merge(known, report, digest)
    if register is known:
        return history.with_contact(contact), fate
    registers = _placed(history.registers, known, register)
    return msgspec.structs.replace(history, registers=registers, last_contact_at=contact), fate


def _placed(
    registers: tuple[Register, ...], known: Register | None, register: Register
) -> tuple[Register, ...]:
    """The registers with a new one, or one in the place of its former self, in their order."""
    if known is not None:
        registers = tuple(each for each in registers if each is not known)
    newest = not registers or recency(registers[-1].report) < recency(register.report)
    placed = (*registers, register)
    return placed if newest else tuple(sorted(placed, key=_recency))


def _recency(register: Register) -> tuple[datetime, str, str]:
    return recency(register.report)


def contact_of(report: Report) -> datetime | None:
    """When the subject was heard of by this report; None for an operator's word."""
    if report.type in OPERATORS_WORDS:
        return None
    actual = report.classifier == "actual" and not report.retracted
    return report.happened_at if actual else report.recorded_at


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _merge(known: Register | None, report: Report, digest: bytes) -> tuple[Register, Fate]:
    if known is None:
        return Register(report, digest, (), _firsts((), report, digest)), Fate.APPLIED
    if digest == known.digest or digest in known.rivals:
        return known, Fate.DUPLICATE
    firsts = _firsts(known.firsts, report, digest)
    standing = known.report
    if report.revised_at != standing.revised_at or report.retracted != standing.retracted:
        if _beats(report, standing):
            return Register(report, digest, (), firsts), Fate.APPLIED
        if firsts == known.firsts:
            return known, Fate.STALE
        return msgspec.structs.replace(known, firsts=firsts), Fate.STALE
    return _tie(known, report, digest, firsts)


def _beats(report: Report, standing: Report) -> bool:
    return (report.revised_at, report.retracted) > (standing.revised_at, standing.retracted)


def _tie(
    known: Register, report: Report, digest: bytes, firsts: tuple[First, ...]
) -> tuple[Register, Fate]:
    """Two contents with the same `revised_at`: the larger digest stands, and it is in doubt."""
    winner = (report, digest) if digest > known.digest else (known.report, known.digest)
    if report.retracted:
        return Register(*winner, (), firsts), Fate.STALE
    rivals = tuple(sorted({*known.rivals, known.digest, digest} - {winner[1]})[-RIVALS_KEPT:])
    said = (*known.told, Content(digest, report))
    contents = sorted((each for each in said if each.digest in rivals), key=_digest)
    return Register(*winner, rivals, firsts, tuple(contents)), Fate.CONFLICT


def _digest(content: Content) -> bytes:
    return content.digest


def _firsts(firsts: tuple[First, ...], report: Report, digest: bytes) -> tuple[First, ...]:
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
