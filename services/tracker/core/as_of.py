"""What had happened by a moment, with all that is known since: the corrected past.

Of what happened the last word counts, if it puts it at or before the moment. Plans and estimates,
and what retracts them, count as they stood then: by the words said until the moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from services.tracker.core.commitment import Commitment, look_again
from services.tracker.core.contribution import kept
from services.tracker.core.derive import facts_of
from services.tracker.core.events import Report
from services.tracker.core.heard import Heard
from services.tracker.core.learnt import Judge
from services.tracker.core.merge import History, contact_of, fold
from services.tracker.core.movement import Movement, review
from services.tracker.core.passing import NOTHING_PASSED, pass_on
from services.tracker.core.rulebook import RuleBook
from services.tracker.core.terms import Terms


def as_of(known: Movement, heard: Sequence[Heard], at: datetime, judge: Judge) -> Movement | None:
    """The movement as of `at`, its delays computed at that moment; None before all of it."""
    history = History(known.history.kind, known.history.subject_id)
    history = msgspec.structs.replace(history, terms=_said_by(known.history.terms, at))
    for each in counting(heard, at):
        history, _ = fold(history, each.report, each.digest)
    contact = _last_contact(heard, at)
    if not history.registers and contact is None:
        return None
    history = history.with_contact(contact)
    state = facts_of(history).state
    past = msgspec.structs.replace(known, state=state, told=(), seq=0, history=history)
    return review(past, judge, at).movement


def promise_as_of(
    known: Commitment,
    heard: Sequence[Heard],
    movements: Iterable[Movement],
    at: datetime,
    book: RuleBook,
) -> Commitment | None:
    """The commitment as of `at`, with what `movements`, as of then, bring; None before all of it.

    Its delays are computed at that moment. A promise counts by the words said until then.
    """
    history = History(known.history.kind, known.history.subject_id)
    for each in _counting_for_a_promise(heard, at):
        history, _ = fold(history, each.report, each.digest)
    contributions = [
        kept(said)
        for movement in movements
        for named, said in pass_on(NOTHING_PASSED, facts_of(movement.history), at)[1].contributions
        if named == history.subject_id
    ]
    if not history.registers and not contributions:
        return None
    contributions.sort(key=lambda each: each.movement)
    past = msgspec.structs.replace(
        known, told=(), seq=0, history=history, contributions=tuple(contributions)
    )
    return look_again(past, book, at).commitment


def _counting_for_a_promise(heard: Iterable[Heard], at: datetime) -> Iterator[Heard]:
    """A promise is a plan, whatever its classifier says."""
    others = []
    for each in heard:
        if each.report.type != "committed":
            others.append(each)
        elif each.report.revised_at <= at:
            yield each
    yield from counting(others, at)


def _said_by(terms: Iterable[Terms], at: datetime) -> tuple[Terms, ...]:
    """The terms that had been sent by then, as they were sent last."""
    return tuple(each for each in terms if each.known_at is not None and each.known_at <= at)


def counting(heard: Iterable[Heard], at: datetime) -> Iterator[Heard]:
    """The words that count as of `at`."""
    words: dict[str, list[Heard]] = {}
    for each in heard:
        if each.report.type != "seen":
            words.setdefault(each.report.identity, []).append(each)
    for said in words.values():
        yield from _counting(said, at)


def _counting(said: Sequence[Heard], at: datetime) -> Iterator[Heard]:
    last = max(said, key=_weight)
    happened = _happened(last.report) and last.report.happened_at <= at
    for each in said:
        report = each.report
        foreseen = not _happened(report) and report.revised_at <= at
        if foreseen or (happened and _weight(each)[:2] == _weight(last)[:2]):
            yield each


def _happened(report: Report) -> bool:
    return report.classifier == "actual" and not report.retracted


def _weight(each: Heard) -> tuple[datetime, bool, bytes]:
    """Orders the words of one identity as the merge does."""
    return (each.report.revised_at, each.report.retracted, each.digest)


def _last_contact(heard: Iterable[Heard], at: datetime) -> datetime | None:
    contacts = (contact_of(each.report) for each in heard)
    return max((moment for moment in contacts if moment and moment <= at), default=None)
