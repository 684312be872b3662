"""The lines of the ledger: what was shipped, moved, lost, accepted and is still outstanding.

A line may be registered or merely named by a report; of the latter the shipped quantity is unknown.
"""

from fractions import Fraction

import msgspec

from services.tracker.core.events import Quantity

Number = int | Fraction


def exact(quantity: Quantity) -> Number:
    """A quantity that adds up without rounding: an integer where it is one."""
    if isinstance(quantity, int):
        return quantity
    return int(quantity) if quantity.is_integer() else Fraction(repr(quantity))


def plain(number: Number) -> Quantity:
    """The number as it goes over the wire: integral ones without a point."""
    if isinstance(number, int):
        return number
    return int(number) if number == int(number) else float(number)


class LedgerLine(msgspec.Struct, frozen=True):
    """One line at one moment; `shipped` is None for a line that nobody registered."""

    line: int
    item: str | None = None
    unit: str | None = None
    shipped: Number | None = None
    serials: bool = False
    moved: Number = 0
    lost: Number = 0
    accepted: Number = 0
    damaged: Number = 0
    reported_missing: Number = 0
    surplus: Number = 0
    written_off: bool = False

    @property
    def available(self) -> Number | None:
        """What is left to hand over, could be negative; None when unknown."""
        return None if self.shipped is None else self.shipped - self.moved - self.lost

    @property
    def handed(self) -> Number:
        """What the recipient has, sound or damaged."""
        return self.accepted + self.damaged

    @property
    def missing(self) -> Number:
        """Reported missing, at most what is not handed over."""
        if not self.reported_missing or self.available is None:
            return self.reported_missing
        return min(self.reported_missing, max(0, self.available - self.handed))

    @property
    def outstanding(self) -> Number | None:
        """What is still to come; None when unknown, nothing once the rest is cancelled."""
        available = self.available
        if available is None:
            return None
        if self.written_off:
            return 0
        return max(0, available - self.accepted - self.damaged - self.missing)

    @property
    def lacking(self) -> Number:
        """What was to come and was not handed over."""
        if self.available is None or self.written_off:
            return 0
        return max(0, self.available - self.handed)

    @property
    def harmed(self) -> Number:
        """Damaged or lost."""
        return self.damaged + self.lost

    @property
    def shortfall(self) -> Number:
        """Heads that were to come less those accepted; negative when more came."""
        return 0 if self.available is None else self.available - self.accepted

    @property
    def over_delivered(self) -> bool:
        """More was handed over than was to come."""
        if self.shipped is None:
            return False
        return self.handed > max(0, self.shipped - self.moved - self.lost)

    @property
    def gone(self) -> bool:
        """All of it was lost or moved to other subjects."""
        return self.shipped is not None and self.shipped <= self.lost + self.moved
