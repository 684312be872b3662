"""The limits of the rules by default; `rulebook` tells where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

WATERBORNE = frozenset({"sea", "inland_water"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each thing may take before it is late (source: the delay table of the domain).

    A rules file sets them by these names (`schemas/rules.py`), but the last four: they bound what
    is kept of a history, whatever the rules are, or are learnt.
    """

    grace: timedelta = 24 * HOUR
    departure_critical: timedelta = 72 * HOUR
    lag: timedelta = 14 * DAY
    publisher_silent_times: int = 4
    publisher_silent: timedelta = HOUR
    tolerance: timedelta = 24 * HOUR
    slip_step: timedelta = 24 * HOUR
    dwell: timedelta = 72 * HOUR
    dwell_waterborne: timedelta = 7 * DAY
    held: timedelta = 72 * HOUR
    held_reasons: Mapping[str, timedelta] = field(
        default_factory=lambda: MappingProxyType({"security": 24 * HOUR})
    )
    held_critical: timedelta = 7 * DAY
    silent: timedelta = 24 * HOUR
    silent_at_sea: timedelta = 14 * DAY
    partial: timedelta = 72 * HOUR
    serious_share: int = 10
    """One part in so many of a line makes a discrepancy critical: 10 is 10 %."""
    verification: timedelta = 30 * DAY
    no_show: timedelta = 12 * HOUR
    overstay: timedelta = 72 * HOUR
    unplanned: timedelta = 72 * HOUR
    coverage: timedelta = 30 * DAY
    backlog: timedelta = 7 * DAY
    words: int = 64
    """Of one history: beyond it superseded estimates are folded away (a movement has some 8)."""
    most_words: int = 1000
    """Of one history where nothing can be folded away, half of it of one publisher: beyond it new
    events are quarantined."""
    most_bytes: int = 2_500_000
    """Of all lines and serials of one history, about: what Kafka takes as one record is 4 MiB."""
    lag_learnt: timedelta = timedelta(0)
    """The publisher's lag where it is learnt."""

    @property
    def reporting_lag(self) -> timedelta:
        """As it is learnt, else as the rules have it."""
        return self.lag_learnt or self.lag


DEFAULT_LIMITS = Limits()
