"""The milestones of a movement: planned, foreseen, reported, or proven by a later one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec

from schemas.vocabulary import LEGGED
from services.tracker.core.events import Report
from services.tracker.core.merge import History, Register
from services.tracker.core.ranks import Rank
from services.tracker.core.terms import Terms, first_known

MilestoneKey = tuple[str, int]
"""Type and leg; the leg of a milestone that has none is 1."""
Spoken = Mapping[MilestoneKey, Mapping[str, Sequence[Report]]]
"""Live reports of each milestone by their classifier, from the oldest to the newest word."""

_ORDER = {"ready": 0, "departed": 1, "arrived": 1, "handed_over": 2, "confirmed": 3}
_ORDER |= {"completed": 4, "returned": 5}
MILESTONES = frozenset(_ORDER)

_PROVEN_BY_RETURN = frozenset({("ready", 1), ("departed", 1)})
_RETURNED = ("returned", 1)
HANDED_OVER = ("handed_over", 1)
_UNSPOKEN: Mapping[str, Sequence[Report]] = {}
_NEVER = (None, None)


@lru_cache(maxsize=1000)
def order(key: MilestoneKey) -> tuple[int, int, int]:
    """Where a milestone stands: ready, then leg by leg departed and arrived, then the rest."""
    kind, leg = key
    return (_ORDER[kind], leg if kind in LEGGED else 0, int(kind == "arrived"))


class Due(msgspec.Struct, frozen=True, gc=False):
    """When a milestone is due, since when it is due at all, and whose word the moment is."""

    at: datetime
    known_at: datetime
    source: str


class Milestone(msgspec.Struct, frozen=True, gc=False):
    """All that is known of one milestone.

    `proven_at` is the earliest moment at which it or what it must precede is reported.
    """

    type: str
    leg: int
    baseline: Due | None = None
    due: Due | None = None
    plan: Report | None = None
    estimate: Report | None = None
    actual: Report | None = None
    actual_at: datetime | None = None
    reported_by: str | None = None
    proven_at: datetime | None = None
    inferred: bool = False

    @property
    def spoken_of(self) -> bool:
        """Somebody said something of it that stands."""
        if self.inferred or self.plan or self.estimate or self.actual:
            return True
        return self.due is not None and self.due is not self.baseline


class HandOver(msgspec.Struct, frozen=True, gc=False):
    """The hand-over as the ledger counts it."""

    first_at: datetime
    at: datetime
    reported_by: str
    inferred: bool


Dues = Mapping[MilestoneKey, tuple[Due | None, Due]]
"""Baseline and due of each milestone that is due."""


def build(
    spoken: Spoken, dues: Dues, rank: Rank, hand_over: HandOver | None, legs: int
) -> dict[MilestoneKey, Milestone]:
    """Every milestone that was ever spoken of or is proven between reported ones, in order."""
    keys = _keys(spoken, dues, legs)
    actuals = {key: best(said["actual"], rank) for key, said in spoken.items() if "actual" in said}
    reported = {key: actual.happened_at for key, actual in actuals.items() if actual is not None}
    if hand_over is not None:
        reported[HANDED_OVER] = hand_over.first_at
    proofs = _proofs(keys, reported)
    found: dict[MilestoneKey, Milestone] = {}
    between = False
    for key in keys:
        said = spoken.get(key, _UNSPOKEN)
        baseline, due = dues.get(key, _NEVER)
        actual, proven_at, at = actuals.get(key), proofs.get(key), reported.get(key)
        skipped = proven_at is not None and at is None and _lies_on_the_way(key, legs)
        if said is _UNSPOKEN and due is None and proven_at is None:
            found[key] = _unknown(key)
            continue
        found[key] = Milestone(
            *key,
            baseline,
            due,
            newest(said.get("planned", ())),
            newest(said.get("estimated", ())),
            actual,
            at,
            actual.publisher if actual is not None else None,
            proven_at,
            skipped and (baseline is not None or between),
        )
        between = between or at is not None
    if hand_over is not None:
        found[HANDED_OVER] = _counted(found[HANDED_OVER], hand_over)
    return found


@lru_cache(maxsize=1000)
def _unknown(key: MilestoneKey) -> Milestone:
    """A milestone of which nothing is known."""
    return Milestone(*key)


def _counted(handed_over: Milestone, counted: HandOver) -> Milestone:
    """Handed over as the ledger counts it, be it inferred or not."""
    return msgspec.structs.replace(
        handed_over,
        actual_at=counted.at,
        reported_by=counted.reported_by,
        inferred=counted.inferred,
    )


def _lies_on_the_way(key: MilestoneKey, legs: int) -> bool:
    return key[1] <= legs and key[0] not in {"confirmed", "returned"}


def _keys(spoken: Spoken, dues: Dues, legs: int) -> Sequence[MilestoneKey]:
    expected = _expected(legs)
    if spoken.keys() <= expected.keys() >= dues.keys():
        return tuple(expected)
    return sorted({*expected, *spoken, *dues}, key=order)


@lru_cache(maxsize=100)
def _expected(legs: int) -> dict[MilestoneKey, None]:
    """What every movement over so many legs passes, in order."""
    way = [(kind, leg) for leg in range(1, legs + 1) for kind in ("departed", "arrived")]
    return dict.fromkeys((("ready", 1), *way, HANDED_OVER))


def _proofs(
    keys: Sequence[MilestoneKey], reported: Mapping[MilestoneKey, datetime]
) -> dict[MilestoneKey, datetime]:
    """The earliest report of each milestone or of a later one; a return proves little."""
    proofs: dict[MilestoneKey, datetime] = {}
    home_at, earliest = reported.get(_RETURNED), None
    for key in reversed(keys):
        at = reported.get(key)
        if key == _RETURNED:
            proven_at = at
        else:
            if at is not None and (earliest is None or at < earliest):
                earliest = at
            proven_at = earliest
            if key in _PROVEN_BY_RETURN and home_at is not None:
                proven_at = home_at if earliest is None else min(earliest, home_at)
        if proven_at is not None:
            proofs[key] = proven_at
    return proofs


def best(reports: Sequence[Report], rank: Callable[[Report], int]) -> Report | None:
    """The report that counts: the better rank, then the newer word, which stands last."""
    if len(reports) < 2:  # noqa: PLR2004 - nothing to choose from
        return reports[0] if reports else None
    return min(reversed(reports), key=rank)


def newest(reports: Sequence[Report]) -> Report | None:
    """The last word among several, which stands last."""
    return reports[-1] if reports else None


def dues_of(history: History, terms: Terms | None, rebaselined: Sequence[Report]) -> Dues:
    """Baseline and due of each milestone: an operator's word, else the baseline, else terms."""
    baselines = _baselines(history.registers)
    if history.terms:
        baselines = _known_early(baselines, first_known(history.terms))
    dues: dict[MilestoneKey, tuple[Due | None, Due]] = {
        key: (due, due) for key, due in baselines.items()
    }
    if terms is not None and terms.due_at is not None and HANDED_OVER not in dues:
        known_at = first_known(history.terms) or terms.due_at
        dues[HANDED_OVER] = (None, Due(terms.due_at, known_at, terms.source))
    for word in rebaselined:
        if word.milestone is not None and word.at is not None:
            leg = word.leg if word.milestone in LEGGED else 1
            key = (word.milestone, leg)
            known_at = dues[key][1].known_at if key in dues else word.revised_at
            due = Due(word.at, min(known_at, word.revised_at), word.identity)
            dues[key] = (baselines.get(key), due)
    return dues


def _known_early(
    baselines: dict[MilestoneKey, Due], known_at: datetime | None
) -> dict[MilestoneKey, Due]:
    """A hand-over for which terms came before any plan was due since then."""
    due = baselines.get(HANDED_OVER)
    if due is None or known_at is None or known_at >= due.known_at:
        return baselines
    return {**baselines, HANDED_OVER: msgspec.structs.replace(due, known_at=known_at)}


def _baselines(registers: Iterable[Register]) -> dict[MilestoneKey, Due]:
    """Of the identities that ever planned it and are not retracted, the earliest first word."""
    earliest: dict[MilestoneKey, tuple[tuple[datetime, str, str], Due]] = {}
    for register in registers:
        if not register.firsts or (report := register.report).retracted:
            continue
        for first in register.firsts:
            rank = (first.revised_at, report.publisher, report.event_id)
            key = (first.type, first.leg)
            if key not in earliest or rank < earliest[key][0]:
                due = Due(first.occurred_at, first.revised_at, report.identity)
                earliest[key] = (rank, due)
    return {key: due for key, (_, due) in earliest.items() if key[0] in MILESTONES}
