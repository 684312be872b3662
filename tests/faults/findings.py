"""What a check found: nothing, where all holds."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Findings:
    """The figures of one run of one row."""

    acknowledged: int = 0
    """Events that were answered with 202."""
    lost: list[str] = field(default_factory=list)
    """Acknowledged, and not in the journal."""
    states_wrong: list[str] = field(default_factory=list)
    delays_lost: list[str] = field(default_factory=list)
    delays_invented: list[str] = field(default_factory=list)
    outputs_repeated: list[str] = field(default_factory=list)
    """What a reader of committed records reads more often than it was to be said."""
    alerts_wrong: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What else had to hold in this row, and did not."""
    recoveries: list[float] = field(default_factory=list)
    """Seconds from each restart until ready, or until an event flows again."""
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    """From when to when something outside was away, wall time."""
    figures: dict[str, float] = field(default_factory=dict)
    """What the row counted or measured besides."""

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    @property
    def faults(self) -> dict[str, list[str]]:
        """Everything that is not as it must be, by kind."""
        kinds = {
            "acknowledged lost": self.lost,
            "states wrong": self.states_wrong,
            "delays lost": self.delays_lost,
            "delays invented": self.delays_invented,
            "outputs repeated": self.outputs_repeated,
            "alerts wrong": self.alerts_wrong,
            "violations": self.violations,
        }
        return {name: found for name, found in kinds.items() if found}

    def __str__(self) -> str:
        lines = [
            f"{name}: {len(found)}, the first: {'; '.join(found[:3])}"
            for name, found in self.faults.items()
        ]
        return "\n".join(lines) or "nothing found"
