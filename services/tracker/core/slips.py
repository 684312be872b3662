"""The slip ledger: each move of a plan, an estimate or a due date, who made it, when and why.

It is a function of the set of words, whatever the order in which they came: a move stands where it
was said, and tells when it became known. A first plan moves nothing, nor does a first promise; a
first estimate moves away from the plan, and an operator's due date from the baseline.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

import msgspec

from schemas.vocabulary import LEGGED
from services.tracker.core.events import Report
from services.tracker.core.heard import Heard
from services.tracker.core.merge import History
from services.tracker.core.milestones import MILESTONES, Due, MilestoneKey, dues_of

PLANNED, ESTIMATED, DUE, PROMISED = "planned", "estimated", "due", "promised"


class Slip(msgspec.Struct, frozen=True, gc=False):
    """One move; `total` is how far it is then from the frozen baseline."""

    milestone: str
    leg: int | None
    moves: str
    from_at: datetime | None
    to_at: datetime | None
    moved: timedelta | None
    total: timedelta | None
    publisher: str
    event_id: str
    revised_at: datetime
    known_at: datetime
    why: str | None
    retracted: bool


class _Place(NamedTuple):
    """What of which milestone is moved."""

    key: MilestoneKey
    moves: str


_order = attrgetter(
    "report.revised_at",
    "report.publisher",
    "report.event_id",
    "report.retracted",
    "digest",
    "known_at",
)
"""From the oldest to the newest word; of one identity, each beats those before it."""


def slips(history: History, heard: Iterable[Heard]) -> list[Slip]:
    """The moves that these words made, measured against the baselines of the history."""
    dues = dues_of(history, None, ())
    board = _Board({key: baseline for key, (baseline, _) in dues.items() if baseline})
    for each in sorted(heard, key=_order):
        board.hear(each)
    return board.slips


class _Board:
    """What stands in each place, the words taken from the oldest to the newest."""

    def __init__(self, baselines: Mapping[MilestoneKey, Due]) -> None:
        self.slips: list[Slip] = []
        self._baselines = baselines
        self._at: dict[str, _Place] = {}
        self._standing: dict[_Place, dict[str, datetime]] = {}

    def hear(self, each: Heard) -> None:
        """Put the word in its place, and note what that moves."""
        identity = each.report.identity
        left, taken = self._at.pop(identity, None), _place(each.report)
        places = [place for place in dict.fromkeys((left, taken)) if place is not None]
        before = [self._moment(place, each.report.revised_at) for place in places]
        opened = [place in self._standing for place in places]
        if left is not None:
            del self._standing[left][identity]
        if taken is not None:
            self._at[identity] = taken
            self._standing.setdefault(taken, {})[identity] = _said(each.report)
        for place, was, is_open in zip(places, before, opened, strict=True):
            if was is not None or is_open or place.moves == DUE:
                self._note(place, was, each)

    def _note(self, place: _Place, was: datetime | None, each: Heard) -> None:
        report = each.report
        now = self._moment(place, report.revised_at)
        if now == was or _fulfils(report):
            return
        kind, leg = place.key
        baseline = self._baselines.get(place.key)
        self.slips.append(
            Slip(
                kind,
                leg if kind in LEGGED else None,
                place.moves,
                was,
                now,
                now - was if now and was else None,
                now - baseline.at if now and baseline else None,
                report.publisher,
                report.event_id,
                report.revised_at,
                each.known_at,
                each.why,
                report.retracted,
            )
        )

    def _moment(self, place: _Place, said_at: datetime) -> datetime | None:
        """The newest word there, else what stands in its stead."""
        standing = self._standing.get(place)
        if standing:
            return next(reversed(standing.values()))
        if place.moves == ESTIMATED:
            return self._moment(_Place(place.key, PLANNED), said_at)
        baseline = self._baselines.get(place.key) if place.moves == DUE else None
        return baseline.at if baseline and baseline.known_at <= said_at else None


def _place(report: Report) -> _Place | None:
    """What the word says anew; None for a retraction, or a word that plans and foresees nothing."""
    moves, kind = report.classifier, report.type
    if kind == "committed":
        return None if report.retracted or not report.due_at else _Place((kind, 1), PROMISED)
    if kind == "rebaselined":
        moves, kind = DUE, report.milestone or ""
    if report.retracted or moves not in {PLANNED, ESTIMATED, DUE} or kind not in MILESTONES:
        return None
    return _Place((kind, report.leg if kind in LEGGED else 1), moves)


def _said(report: Report) -> datetime:
    if report.type == "committed" and report.due_at:
        return report.due_at
    return report.at if report.type == "rebaselined" and report.at else report.happened_at


def _fulfils(report: Report) -> bool:
    """It happened: what it was planned for is no move."""
    return report.classifier == "actual" and not report.retracted and report.type in MILESTONES
