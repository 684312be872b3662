"""A commitment: its words, what movements contribute, and what each record makes of both."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from operator import attrgetter
from typing import NamedTuple

import msgspec

from services.tracker.core.bounds import too_much
from services.tracker.core.contribution import Contribution, Kept, kept
from services.tracker.core.events import Report
from services.tracker.core.lateness import Lateness, Over
from services.tracker.core.merge import Fate, History, fold
from services.tracker.core.promise import Promise, promise_of, with_contribution
from services.tracker.core.promise_view import PromiseView, promise_sentence, promise_view
from services.tracker.core.rulebook import RuleBook
from services.tracker.core.rules_promise import assess_promise
from services.tracker.core.telling import Telling, deadline_of, tell
from services.tracker.core.terms import Sent, Wanted, after_sending, to_send
from services.tracker.core.told import Ending, Look, News, Told, ended
from services.tracker.core.view import Json, Manner, delay_record

_movement = attrgetter("movement")


class Commitment(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """The stored state of one promise; `first_at` is when the first word of it was journalled.

    It is stored as a plain array: a new field goes to the end.
    """

    told: tuple[Told, ...]
    seq: int
    first_at: datetime | None
    history: History
    contributions: tuple[Kept, ...] = ()
    """The last of each movement, by movement."""
    sent: tuple[Sent, ...] = ()

    @property
    def key(self) -> bytes:
        """The key of its records."""
        return f"commitment/{self.history.subject_id}".encode()

    @cached_property
    def promise(self) -> Promise:
        """Its facts: derived when they are first asked for, and not stored."""
        return promise_of(self.history, self.contributions)

    @cached_property
    def size(self) -> int:
        """About how many bytes its contributions take."""
        return sum(each.size for each in self.contributions)

    @property
    def counted(self) -> list[Kept]:
        """The contributions that are not withdrawn."""
        return [each for each in self.contributions if not each.withdrawn]

    def view(self) -> PromiseView:
        """The public view of the commitment, with its movements."""
        return promise_view(self.promise, self.told, self.counted)


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
    known, said = _of(commitment.contributions, contribution.movement), kept(contribution)
    if known is None or known.seq < said.seq:
        commitment = _with(commitment, known, said, contribution)
        if commitment.size > book.default.most_bytes:
            count = len(commitment.contributions)
            raise ValueError(f"{commitment.history.subject_id} has too many movements: {count}")
    return _turn(commitment, book, now, contribution)


def _of(contributions: Sequence[Kept], movement: str) -> Kept | None:
    """That of one movement."""
    place = bisect_left(contributions, movement, key=_movement)
    found = contributions[place : place + 1]
    return found[0] if found and found[0].movement == movement else None


def _with(
    commitment: Commitment, old: Kept | None, new: Kept, contribution: Contribution
) -> Commitment:
    """The commitment with a contribution, in the place of the movement's former one."""
    others = commitment.contributions
    place = bisect_left(others, new.movement, key=_movement)
    rest = others[place:] if old is None else others[place + 1 :]
    contributions = (*others[:place], new, *rest)
    promise = with_contribution(commitment.promise, contributions, old, contribution)
    size = commitment.size + new.size - (old.size if old is not None else 0)
    return _renewed(commitment, {"promise": promise, "size": size}, contributions=contributions)


def _renewed(commitment: Commitment, derived: Mapping[str, object], **new: object) -> Commitment:
    """The commitment with something new; what is derived of it need not be derived again."""
    renewed = msgspec.structs.replace(commitment, **new)
    vars(renewed).update(derived)
    return renewed


def look_again(commitment: Commitment, book: RuleBook, now: datetime) -> Turn:
    """Look at a commitment at `now` and tell what is new."""
    return _turn(commitment, book, now, None)


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
    terms = list(_terms(commitment, promise, came))
    if records or terms:
        sent = after_sending(commitment.sent, terms) if terms else commitment.sent
        commitment = _renewed(commitment, vars(commitment), told=told, seq=seq, sent=sent)
    return Turn(commitment, promise, deadline_of(found.values(), now), records, terms)


def _terms(commitment: Commitment, promise: Promise, came: Came) -> Iterator[Sent]:
    """What is to be sent now: a contribution bears on the terms of its own movement alone."""
    if not isinstance(came, Contribution):
        return to_send(commitment.sent, _wanted(promise, commitment.contributions))
    sent = [each for each in commitment.sent if each.subject == came.movement]
    said = _of(commitment.contributions, came.movement)
    return to_send(sent, _wanted(promise, [said] if said is not None else []))


def _wanted(promise: Promise, contributions: Iterable[Kept]) -> dict[str, Wanted]:
    """What each of the movements that name the promise is to keep."""
    if not promise.stands:
        return {}
    wanted = Wanted(promise.due_at, promise.subject_id)
    return {each.movement: wanted for each in contributions if not each.withdrawn}


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
