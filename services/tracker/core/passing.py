"""What a movement passes on: to the promise that it names, and to the parts it was split into."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from services.tracker.core.contribution import Contribution, Part, parts_of
from services.tracker.core.facts import Facts
from services.tracker.core.terms import Sent, Wanted, after_sending, to_send


class Passed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was passed on last; `seq` counts the contributions to all promises."""

    seq: int = 0
    commitment: str | None = None
    agency: str | None = None
    country: str | None = None
    parts: tuple[Part, ...] = ()
    sent: tuple[Sent, ...] = ()


NOTHING_PASSED = Passed()


class Onward(NamedTuple):
    """What is to be passed on now: contributions by the promise's id, and terms."""

    contributions: Sequence[tuple[str, Contribution]] = ()
    terms: Sequence[Sent] = ()


def pass_on(before: Passed, facts: Facts, at: datetime) -> tuple[Passed, Onward]:
    """What changed for others by a word of that moment."""
    passed, contributions = _contribute(before, facts, at)
    wanted = _wanted(facts) if facts.counts.entries.moved else {}
    terms = list(to_send(before.sent, wanted)) if wanted or before.sent else []
    if terms:
        passed = msgspec.structs.replace(passed, sent=after_sending(before.sent, terms))
    return passed, Onward(contributions, terms)


def _contribute(
    before: Passed, facts: Facts, at: datetime
) -> tuple[Passed, Sequence[tuple[str, Contribution]]]:
    """To the promise named now, and nothing any more to the one named before."""
    named = facts.commitment
    if named is None and before.commitment is None:
        return before, ()
    whose = (named, facts.agency, facts.country, () if named is None else parts_of(facts))
    if whose == (before.commitment, before.agency, before.country, before.parts):
        return before, ()
    seq, told = before.seq, []
    for commitment in _concerned(before.commitment, named):
        seq += 1
        said = Contribution(facts.kind, facts.subject_id, seq, at, facts.agency, facts.country)
        if commitment == named:
            said = msgspec.structs.replace(said, lines=whose[3])
        else:
            said = msgspec.structs.replace(said, withdrawn=True)
        told.append((commitment, said))
    return Passed(seq, *whose, before.sent), told


def _concerned(before: str | None, now: str | None) -> Iterator[str]:
    if before is not None and before != now:
        yield before
    if now is not None:
        yield now


def _wanted(facts: Facts) -> Mapping[str, Wanted]:
    """What each part of a split that counts is to keep: its own due, else that of the whole.

    And the limits of the promise that the whole is for, be it that the part names none itself.
    """
    due = facts.handed_over.due
    own_due, promise = due.at if due is not None else None, facts.promise
    splits = (report for report in facts.counts.entries.moved if report.type == "split")
    wanted = {}
    for child in (child for split in splits for child in split.children):
        due_at = child.due_at or own_due
        if due_at is not None or promise is not None:
            wanted[f"{facts.kind}/{child.subject_id}"] = Wanted(due_at, promise)
    return wanted
