"""The facts of a movement: a pure function of the set of its events, whatever their order."""

from dataclasses import dataclass
from datetime import datetime

from services.tracker.core.counts import Hold
from services.tracker.core.events import Report
from services.tracker.core.ledger import LedgerLine, Snapshot
from services.tracker.core.milestones import HandOver, Milestone, MilestoneKey
from services.tracker.core.state import Ended


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules and the view need to know of one movement."""

    kind: str
    subject_id: str
    state: str
    ended: Ended | None
    leg: int
    legs: int
    agency: str | None
    custodian: str | None
    commitment: str | None
    country: str | None
    registered: Report | None
    milestones: dict[MilestoneKey, Milestone]
    snapshots: tuple[Snapshot, ...]
    lines: tuple[LedgerLine, ...]
    hand_over: HandOver | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    contradicted_at: datetime | None
    conflict_at: datetime | None
    confirmed: Report | None
    disputed: bool
    holds: tuple[Hold, ...]
    doubts: tuple[str, ...]
    last_contact_at: datetime | None
    reports: tuple[Report, ...]

    def milestone(self, kind: str, leg: int = 1) -> Milestone:
        """What is known of a milestone, be it nothing."""
        return self.milestones.get((kind, leg)) or Milestone(kind, leg)

    def said(self, kind: str, classifier: str = "actual") -> list[Report]:
        """Live reports of one type, from the oldest to the newest word."""
        return [r for r in self.reports if r.type == kind and r.classifier == classifier]

    def mode_of(self, leg: int) -> str | None:
        """How a leg is travelled: as its departure says, else its arrival, else as registered."""
        for kind in ("departed", "arrived"):
            milestone = self.milestone(kind, leg)
            for report in (milestone.actual, milestone.estimate, milestone.plan):
                if report is not None and report.mode is not None:
                    return report.mode
        return self.registered.mode if self.registered else None

    @property
    def heads(self) -> list[LedgerLine]:
        """Registered lines that count people."""
        return [x for x in self.lines if x.unit == "IE" and x.shipped is not None]
