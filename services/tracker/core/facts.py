"""The facts of a movement: a pure function of the set of its events, whatever their order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from schemas.vocabulary import EVENT_TYPES, OPERATORS_WORDS
from services.tracker.core.counts import Counts, Hold
from services.tracker.core.doubts import Doubts
from services.tracker.core.events import Report, recency
from services.tracker.core.ledger import LedgerLine
from services.tracker.core.milestones import HANDED_OVER, HandOver, Milestone, MilestoneKey
from services.tracker.core.snapshots import Snapshot
from services.tracker.core.state import Ended, Position, Standing
from services.tracker.core.terms import Terms

_TOLD = frozenset(EVENT_TYPES) - OPERATORS_WORDS
Said = Mapping[str, Mapping[str, Sequence[Report]]]
"""Live reports by classifier and type, from the oldest to the newest word."""


class Facts(msgspec.Struct, frozen=True):
    """All that the rules and the view need to know of one movement.

    `reports` are the live ones from the oldest to the newest word; `lines` the ledger as it stands.
    """

    kind: str
    subject_id: str
    reports: tuple[Report, ...]
    words: Said
    folded: int
    last_contact_at: datetime | None
    registered: Report | None
    agency: str | None
    milestones: dict[MilestoneKey, Milestone]
    counts: Counts
    lines: tuple[LedgerLine, ...]
    position: Position
    standing: Standing
    holds: tuple[Hold, ...]
    doubts: Doubts
    terms: Terms | None

    @property
    def state(self) -> str:
        return self.standing.state

    @property
    def ended(self) -> Ended | None:
        return self.standing.ended

    @property
    def leg(self) -> int:
        return self.position.leg

    @property
    def legs(self) -> int:
        return self.position.legs

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        return self.counts.snapshots

    @property
    def hand_over(self) -> HandOver | None:
        return self.counts.hand_over

    @property
    def delivered_at(self) -> datetime | None:
        return self.counts.delivered_at

    @property
    def delivered(self) -> Ended | None:
        """When nothing more was to come, and whether only because the rest was cancelled."""
        if self.delivered_at is None:
            return None
        by_cancelling = self.delivered_at == self.counts.entries.written_off_at
        return Ended(self.delivered_at, "cancelled" if by_cancelling else "delivered")

    @property
    def cancelled_at(self) -> datetime | None:
        return self.counts.cancelled.happened_at if self.counts.cancelled else None

    @property
    def confirmed(self) -> Report | None:
        return self.counts.confirmed

    @property
    def open_hold(self) -> Hold | None:
        """The hold that has been open for longest."""
        still = (hold for hold in self.holds if hold.ended_at is None)
        return min(still, key=lambda hold: hold.since, default=None)

    @property
    def heads(self) -> list[LedgerLine]:
        """Registered lines that count people."""
        return [x for x in self.lines if x.unit == "IE" and x.shipped is not None]

    @property
    def custodian(self) -> str | None:
        """Who holds it, as the latest event that names somebody says."""
        last = latest([r for r in self.actual if r.parties.custodian is not None])
        return last.parties.custodian if last else None

    @property
    def actual(self) -> list[Report]:
        """What happened, as it was reported, from the oldest to the newest word."""
        return [report for report in self.reports if report.classifier == "actual"]

    @property
    def last_report(self) -> Report | None:
        """What happened last, as it was reported."""
        return latest(r for r in self.actual if r.type in _TOLD)

    @property
    def commitment(self) -> str | None:
        """The promise that it fulfils."""
        return commitment_of(self.registered, self.reports)

    @property
    def promise(self) -> str | None:
        """The promise whose limits hold: that it names, else that of what it was split from."""
        return self.commitment or (None if self.terms is None else self.terms.commitment)

    @property
    def items(self) -> set[str]:
        """The kinds of item it carries."""
        return {line.item for line in self.lines if line.item is not None}

    @property
    def country(self) -> str | None:
        """Where it goes: as registered, else where it is handed over, else where it arrived."""
        if self.registered is not None and self.registered.location.country is not None:
            return self.registered.location.country
        arrivals = (m.actual for m in reversed(self.milestones.values()) if m.type == "arrived")
        words = (
            *sorted(self.counts.entries.hand_overs, key=recency, reverse=True),
            *reversed(self.said("handed_over", "estimated")),
            *reversed(self.said("handed_over", "planned")),
            *arrivals,
        )
        named = (word.location.country for word in words if word is not None)
        return next((country for country in named if country is not None), None)

    @property
    def handed_over(self) -> Milestone:
        """The milestone that most is about; every movement has it."""
        return self.milestones[HANDED_OVER]

    def milestone(self, kind: str, leg: int = 1) -> Milestone:
        """What is known of a milestone, be it nothing."""
        return self.milestones.get((kind, leg)) or Milestone(kind, leg)

    def said(self, kind: str, classifier: str = "actual") -> Sequence[Report]:
        """Live reports of one type, from the oldest to the newest word."""
        return self.words.get(classifier, {}).get(kind, ())

    def mode_of(self, leg: int) -> str | None:
        """How a leg is travelled: as its departure says, else its arrival, else as registered."""
        departed, arrived = self.milestone("departed", leg), self.milestone("arrived", leg)
        return _first_mode(departed.actual, arrived.actual, self.registered)

    def mode_planned(self, leg: int) -> str | None:
        """How a leg that is still to come is to be travelled, else as registered."""
        ends = (self.milestone("departed", leg), self.milestone("arrived", leg))
        said = (report for end in ends for report in (end.actual, end.estimate, end.plan))
        return _first_mode(*said) or self.mode_of(leg)


def commitment_of(registered: Report | None, reports: Sequence[Report]) -> str | None:
    """The promise that is named: as registered, else by the newest word that names one."""
    if registered is not None and registered.refs.commitment is not None:
        return registered.refs.commitment
    named = (report.refs.commitment for report in reversed(reports))
    return next((commitment for commitment in named if commitment is not None), None)


def _first_mode(*reports: Report | None) -> str | None:
    modes = (report.mode for report in reports if report is not None)
    return next((mode for mode in modes if mode is not None), None)


def latest(reports: Iterable[Report]) -> Report | None:
    """What happened last; of several at one moment the newest word, which stands last."""
    found: Report | None = None
    for report in reports:
        if found is None or report.happened_at >= found.happened_at:
            found = report
    return found
