"""The terms of a movement: by when it is to be kept, and for which promise, whose limits count.

Of each source the largest `seq` holds, in whatever order they arrive.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from schemas.times import wire


class Terms(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one source said last; `known_at` is when it first said a due moment."""

    source: str
    seq: int
    due_at: datetime | None = None
    commitment: str | None = None
    withdrawn: bool = False
    known_at: datetime | None = None


class _JournalTerms(msgspec.Struct, frozen=True):
    """Terms as the journal has them."""

    type: Literal["terms"]
    at: datetime
    source: str
    seq: int
    due_at: datetime | None = None
    commitment: str | None = None
    withdrawn: bool = False


_decoder = msgspec.json.Decoder(_JournalTerms)


def read_terms(value: bytes) -> Terms:
    """Decode a journal value. Raises msgspec.MsgspecError where it holds no terms."""
    said = _decoder.decode(value)
    known_at = said.at if said.due_at is not None else None
    return Terms(said.source, said.seq, said.due_at, said.commitment, said.withdrawn, known_at)


def latest_terms(known: tuple[Terms, ...], said: Terms) -> tuple[Terms, ...]:
    """The last word of each source, by name; the same tuple where nothing is new."""
    others = tuple(each for each in known if each.source != said.source)
    old = next((each for each in known if each.source == said.source), said)
    newer = said if said.seq > old.seq else old
    terms = msgspec.structs.replace(newer, known_at=first_known((old, said)))
    if len(others) < len(known) and terms == old:
        return known
    return tuple(sorted((*others, terms), key=lambda each: each.source))


def first_known(terms: Sequence[Terms]) -> datetime | None:
    """When anybody first said a due moment, be it withdrawn since."""
    return min((each.known_at for each in terms if each.known_at is not None), default=None)


def standing_terms(terms: Sequence[Terms], commitment: str | None) -> Terms | None:
    """Those of the promise that the movement names now, else the earliest due of a split."""
    live = [each for each in terms if not each.withdrawn]
    promise = f"commitment/{commitment}"
    ours = [each for each in live if each.source == promise]
    splits = [each for each in live if not each.source.startswith("commitment/")]
    return min(ours or splits, key=_urgency, default=None)


def _urgency(terms: Terms) -> tuple[bool, float, str]:
    at = terms.due_at
    return (at is None, 0.0 if at is None else at.timestamp(), terms.source)


class Wanted(NamedTuple):
    """What a subject is to keep."""

    due_at: datetime | None
    commitment: str | None


class Sent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a source last sent to one subject, which is named as its key is."""

    subject: str
    seq: int
    due_at: datetime | None = None
    commitment: str | None = None
    withdrawn: bool = False

    def record(self, source: str, at: datetime) -> dict[str, object]:
        """It as the journal says it."""
        kind, _, subject_id = self.subject.partition("/")
        return {
            "type": "terms",
            "at": wire(at),
            "kind": kind,
            "subject_id": subject_id,
            "source": source,
            "seq": self.seq,
            "due_at": None if self.due_at is None else wire(self.due_at),
            "commitment": self.commitment,
            "withdrawn": self.withdrawn,
        }


def to_send(sent: Sequence[Sent], wanted: Mapping[str, Wanted]) -> Iterator[Sent]:
    """What is to be sent now, by subject: what changed, and what is wanted no more."""
    known = {each.subject: each for each in sent}
    for subject in sorted(known.keys() | wanted.keys()):
        old, new = known.get(subject, Sent(subject, 0, withdrawn=True)), wanted.get(subject)
        due_at, commitment = new or (None, None)
        said = Sent(subject, old.seq, due_at, commitment, withdrawn=new is None)
        if said != old:
            yield msgspec.structs.replace(said, seq=old.seq + 1)


def after_sending(sent: Sequence[Sent], new: Sequence[Sent]) -> tuple[Sent, ...]:
    """All that was sent, the new in the place of the old."""
    known = {each.subject: each for each in (*sent, *new)}
    return tuple(known[subject] for subject in sorted(known))
