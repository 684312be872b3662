"""The state: decided by the furthest proven milestone, not by the latest timestamp."""

from dataclasses import dataclass
from datetime import datetime

from services.tracker.core.counts import Counts
from services.tracker.core.milestones import Milestone, MilestoneKey, order


@dataclass(frozen=True, slots=True)
class Position:
    """How far along its legs a movement is reported to be."""

    leg: int
    legs: int
    word: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The moment and the word that end what was late."""

    at: datetime
    word: str

    @property
    def names_cause(self) -> bool:
        """The word is a cause of its own name, not merely something that happened."""
        return self.word in {"cancelled", "lost", "transferred", "returned"}


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, and what ended the movement if it is over."""

    state: str
    ended: Ended | None = None


def position(found: dict[MilestoneKey, Milestone], legs: int, *, handed_over: bool) -> Position:
    """Where the movement is on its way, by the furthest reported departure or arrival."""
    reported = [
        key
        for key, milestone in found.items()
        if milestone.actual_at is not None and key[0] in {"ready", "departed", "arrived"}
    ]
    furthest = max(reported, key=order, default=None)
    if furthest is None:
        return Position(legs if handed_over else 1, legs, "planned")
    kind, leg = furthest
    word = {"ready": "ready", "departed": "in_transit"}.get(kind)
    word = word or ("at_stop" if leg < legs else "arrived")
    return Position(legs if handed_over else leg, legs, word)


def standing(found: dict[MilestoneKey, Milestone], counts: Counts, place: Position) -> Standing:
    """The state, the strongest word first."""
    cancelled = counts.cancelled
    last = counts.snapshots[-1] if counts.snapshots else None
    handed = last is not None and last.anything_handed
    if cancelled is not None and (counts.cancelled_first or not handed):
        return Standing("cancelled", Ended(cancelled.happened_at, "cancelled"))
    tour = _tour(found)
    if tour is not None:
        return tour
    if last is not None and last.gone:
        return _gone(counts)
    if counts.delivered_at is None:
        return Standing("partially_delivered" if counts.hand_over else place.word)
    if counts.confirmed is not None:
        at = max(counts.confirmed.happened_at, counts.delivered_at)
        return Standing("confirmed", Ended(at, "confirmed"))
    return Standing("delivered")


def _tour(found: dict[MilestoneKey, Milestone]) -> Standing | None:
    """Completed or returned: the later names the state, the earlier ended the delays."""
    words = [
        Ended(milestone.actual_at, milestone.type)
        for key in (("completed", 1), ("returned", 1))
        if (milestone := found.get(key)) is not None and milestone.actual_at is not None
    ]
    if not words:
        return None
    by_time = sorted(words, key=lambda ended: (ended.at, ended.word))
    return Standing(by_time[-1].word, by_time[0])


def _gone(counts: Counts) -> Standing:
    """All lost or moved: transferred if any moved."""
    first = next(snapshot for snapshot in counts.snapshots if snapshot.gone)
    moved = any(line.moved > 0 for line in counts.snapshots[-1].registered)
    word = "transferred" if moved else "lost"
    return Standing(word, Ended(first.at, word))
