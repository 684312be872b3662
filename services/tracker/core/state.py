"""The state: decided by the furthest proven milestone, not by the latest timestamp."""

from datetime import datetime

import msgspec

from services.tracker.core.counts import Counts
from services.tracker.core.milestones import Milestone, MilestoneKey

_ON_THE_WAY = frozenset({"ready", "departed", "arrived"})


class Position(msgspec.Struct, frozen=True):
    """How far along its legs a movement is reported to be."""

    leg: int
    legs: int
    word: str


class Ended(msgspec.Struct, frozen=True):
    """The moment and the word that end what was late."""

    at: datetime
    word: str

    @property
    def names_cause(self) -> bool:
        """The word is a cause of its own name, not merely something that happened."""
        return self.word in {"cancelled", "lost", "transferred", "returned"}


class Standing(msgspec.Struct, frozen=True):
    """The state, and what ended the movement if it is over."""

    state: str
    ended: Ended | None = None


def position(found: dict[MilestoneKey, Milestone], legs: int, *, handed_over: bool) -> Position:
    """Where the movement is on its way, by the furthest reported departure or arrival."""
    furthest: MilestoneKey | None = None
    for key, milestone in found.items():  # which stand in the order of the way
        if milestone.actual_at is not None and key[0] in _ON_THE_WAY:
            furthest = key
    if furthest is None:
        return Position(legs if handed_over else 1, legs, "planned")
    kind, leg = furthest
    word = {"ready": "ready", "departed": "in_transit"}.get(kind)
    word = word or ("at_stop" if leg < legs else "arrived")
    return Position(legs if handed_over else leg, legs, word)


def standing(found: dict[MilestoneKey, Milestone], counts: Counts, place: Position) -> Standing:
    """The state, the strongest word first; what ended the movement is whatever did so first."""
    cancelled, tour = _cancelled(counts), _tour(found)
    gone, confirmed = _gone(counts), _confirmed(counts)
    ends = [ended for ended in (cancelled, *tour, gone, confirmed) if ended is not None]
    if not ends and counts.delivered_at is None:
        return Standing("partially_delivered" if counts.hand_over else place.word)
    first = min(ends, key=lambda ended: ended.at, default=None)
    if cancelled is not None:
        return Standing("cancelled", first)
    if tour:
        return Standing(max(tour, key=lambda ended: (ended.at, ended.word)).word, first)
    if gone is not None:
        return Standing(gone.word, first)
    return Standing("delivered" if confirmed is None else "confirmed", first)


def _cancelled(counts: Counts) -> Ended | None:
    """Before any hand-over, or with nothing handed over; else it only cancels the rest."""
    last = counts.snapshots[-1] if counts.snapshots else None
    handed = last is not None and last.anything_handed
    if counts.cancelled is None or (handed and not counts.cancelled_first):
        return None
    return Ended(counts.cancelled.happened_at, "cancelled")


def _tour(found: dict[MilestoneKey, Milestone]) -> list[Ended]:
    """The end of a tour and the return home, where reported."""
    milestones = (found.get(("completed", 1)), found.get(("returned", 1)))
    return [Ended(m.actual_at, m.type) for m in milestones if m is not None and m.actual_at]


def _gone(counts: Counts) -> Ended | None:
    """All lost or moved: transferred if any moved."""
    if not counts.snapshots or not counts.snapshots[-1].gone:
        return None
    first = next(snapshot for snapshot in counts.snapshots if snapshot.gone)
    moved = any(line.moved > 0 for line in counts.snapshots[-1].registered)
    return Ended(first.at, "transferred" if moved else "lost")


def _confirmed(counts: Counts) -> Ended | None:
    """The recipient's own word of what was delivered."""
    if counts.confirmed is None or counts.delivered_at is None:
        return None
    return Ended(max(counts.confirmed.happened_at, counts.delivered_at), "confirmed")
