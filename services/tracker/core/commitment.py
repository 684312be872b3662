"""A commitment: its words, what movements contribute, and what each record makes of both."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import msgspec

from services.tracker.core.bounds import too_much
from services.tracker.core.contribution import Contribution
from services.tracker.core.events import Report
from services.tracker.core.lateness import Lateness, Over
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.promise import Promise, promise_of
from services.tracker.core.promise_view import PromiseView, promise_sentence, promise_view
from services.tracker.core.rulebook import RuleBook
from services.tracker.core.rules_promise import assess_promise
from services.tracker.core.telling import Telling, deadline_of, tell
from services.tracker.core.terms import Sent, Wanted, after_sending, to_send
from services.tracker.core.told import Ending, Look, News, Told, ended
from services.tracker.core.view import Json, Manner, delay_record

_CONTRIBUTOR_BYTES = 256
_PART_BYTES = 192
"""About what one takes in a record."""


_movement = attrgetter("movement")


class Commitment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The stored state of one promise; `first_at` is when the first word of it was journalled.

    It is stored as a plain array: a new field goes to the end.
    """

    told: tuple[Told, ...]
    seq: int
    first_at: datetime | None
    history: History
    contributions: tuple[Contribution, ...] = ()
    """The last of each movement, by movement; of one that went away only its seq still counts."""
    sent: tuple[Sent, ...] = ()

    @property
    def key(self) -> bytes:
        """The key of its records."""
        return f"commitment/{self.history.subject_id}".encode()

    @property
    def promise(self) -> Promise:
        """Its facts, derived anew."""
        return promise_of(self.history, self.contributions)

    def view(self) -> PromiseView:
        """The public view of the commitment, with its movements."""
        return promise_view(self.promise, self.told, whole=True)


class Turn(NamedTuple):
    """What a record or a deadline made of a commitment."""

    commitment: Commitment
    promise: Promise
    deadline: datetime | None
    delays: Sequence[Json]
    terms: Sequence[Sent]


Came = Report | Contribution | None
"""What was taken note of just before a look."""


def promised(subject_id: str) -> Commitment:
    """A commitment of which nothing is known yet."""
    return Commitment((), 0, None, History("commitment", subject_id))


def hear(
    commitment: Commitment, report: Report, digest: bytes, book: RuleBook, now: datetime
) -> tuple[Turn, Fate]:
    """Merge a word about the promise and tell what it changes at `now`, the partition time."""
    before = commitment.history
    history, fate = fold(before, report, digest)
    is_new = len(history.registers) > len(before.registers)
    if too_much(history, report, book.default, is_new=is_new):
        history, fate = before, Fate.TOO_MANY
    if history is not before or commitment.first_at is None:
        first_at = commitment.first_at or now
        commitment = msgspec.structs.replace(commitment, history=history, first_at=first_at)
    return _turn(commitment, book, now, report), fate


def take(commitment: Commitment, contribution: Contribution, book: RuleBook, now: datetime) -> Turn:
    """Take a movement's contribution, unless a later one was taken already.

    Raises ValueError where the commitment would become too large for one record.
    """
    kept = commitment.contributions
    begin = bisect_left(kept, contribution.movement, key=_movement)
    end = bisect_right(kept, contribution.movement, begin, key=_movement)
    known = kept[begin:end]
    if not known or known[0].seq < contribution.seq:
        kept = (*kept[:begin], contribution, *kept[end:])
        if not known or len(known[0].lines) < len(contribution.lines):
            _demand_room(commitment, kept, book)
        commitment = msgspec.structs.replace(commitment, contributions=kept)
    return _turn(commitment, book, now, contribution)


def look_again(commitment: Commitment, book: RuleBook, now: datetime) -> Turn:
    """Look at a commitment at `now` and tell what is new."""
    return _turn(commitment, book, now, None)


def _demand_room(commitment: Commitment, kept: Sequence[Contribution], book: RuleBook) -> None:
    if sum(map(_size, kept)) > book.default.most_bytes:
        message = f"{commitment.history.subject_id} has too many movements: {len(kept)}"
        raise ValueError(message)


def _size(contribution: Contribution) -> int:
    names = sum(len(part.item or "") for part in contribution.lines)
    return _CONTRIBUTOR_BYTES + _PART_BYTES * len(contribution.lines) + names


def _turn(commitment: Commitment, book: RuleBook, now: datetime, came: Came) -> Turn:
    promise = commitment.promise
    limits = book.limits_of_promise(promise.subject_id)
    found = assess_promise(promise, limits)
    look = Look(now, (commitment.first_at or now) - limits.backlog)
    manner = Manner(partial(promise_sentence, promise), book.version)

    def write(news: News, seq: int) -> Json:
        return delay_record(news, promise, seq, now, manner)

    before = Telling(commitment.told, commitment.seq, [])
    told, seq, records = tell(before, found, look, partial(_ending, promise, came), write)
    terms = list(to_send(commitment.sent, _wanted(promise)))
    if records or terms:
        sent = after_sending(commitment.sent, terms)
        commitment = msgspec.structs.replace(commitment, told=told, seq=seq, sent=sent)
    return Turn(commitment, promise, deadline_of(found.values(), now), records, terms)


def _wanted(promise: Promise) -> dict[str, Wanted]:
    """What each movement that names the promise is to keep."""
    if not promise.stands:
        return {}
    return {
        each.movement: Wanted(promise.due_at, promise.subject_id) for each in promise.contributions
    }


def _ending(promise: Promise, came: Came, known: Told, _lateness: Lateness | None) -> Ending:
    """Why a delay of a commitment that was told is no longer open."""
    if known.delay == "conflict":
        at = came.revised_at if isinstance(came, Report) and not came.retracted else None
        return Ending("corrected", at)
    if promise.cancelled is not None:
        return Ending("cancelled", promise.cancelled.happened_at)
    if isinstance(came, Contribution):
        return ended(known, Over(came.at, None))
    if came is None:
        return Ending("superseded", None)  # by other rules, which say that it is not late
    return Ending("corrected" if came.retracted else "replanned", None)
