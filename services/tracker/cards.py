"""The publishers' scorecards in numbers, as they were last told."""

from heapq import nsmallest
from typing import NamedTuple

from services.tracker.breakdown import NAMED
from services.tracker.core.publisher import Counts, Publisher, quantile


class Card(NamedTuple):
    """How one publisher reports; shares are of its reports, `late` of what happened on the way."""

    silent: bool
    reports: int
    late: int
    late_ratio: float
    duplicate_ratio: float
    correction_ratio: float
    lag_seconds: dict[str, float]
    """By quantile, `0.5` and `0.9`; empty while nothing is known."""
    last_event: float
    """When it was last heard of, Unix seconds."""


class Cards:
    """A card of each publisher whose state is owned here; made anew when its scorecard is told."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}

    def clear(self) -> None:
        self._cards.clear()

    def observe(self, before: Publisher | None, after: Publisher) -> None:
        """Hear of a change."""
        if before is None or _was_told(before, after):
            self._cards[after.code] = card_of(after)

    def recovered(self, publisher: Publisher) -> None:
        """Take what was recovered, where nothing newer is known."""
        if publisher.code not in self._cards:
            self._cards[publisher.code] = card_of(publisher)

    def shown(self) -> dict[str, Card]:
        """The silent ones, then those with the most late events."""
        named = nsmallest(NAMED, self._cards, key=self._rank)
        return {code: self._cards[code] for code in named}

    def count(self) -> tuple[int, int]:
        """How many publishers there are, and how many of them are silent."""
        return len(self._cards), sum(card.silent for card in self._cards.values())

    def _rank(self, code: str) -> tuple[bool, int, int, str]:
        card = self._cards[code]
        return (not card.silent, -card.late, -card.reports, code)


def card_of(publisher: Publisher) -> Card:
    """Its numbers."""
    counts, lags = publisher.counts, publisher.all_lags()
    quantiles = {"0.5": 50, "0.9": 90} if lags else {}
    return Card(
        publisher.silence is not None,
        counts.reports,
        counts.late,
        counts.late / max(1, counts.actual),
        _share(counts, counts.duplicates),
        _share(counts, counts.corrections),
        {name: quantile(lags, of).total_seconds() for name, of in quantiles.items()},
        publisher.heard_at.timestamp(),
    )


def _share(counts: Counts, number: int) -> float:
    return number / max(1, counts.reports)


def _was_told(before: Publisher, after: Publisher) -> bool:
    return before.silence is not after.silence or (before.changed and not after.changed)
