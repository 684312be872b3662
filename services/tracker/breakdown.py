"""What is late and what is promised, by name: the most pressing names, the others together."""

from collections.abc import Iterable, Mapping
from heapq import nsmallest

from services.tracker.core.ledger import Number

NAMED = 10
"""So many countries, agencies, publishers are named at a time: a process exposes < 500 series."""
OTHER = "(other)"
UNKNOWN = "(unknown)"
"""No code of an agency begins so."""

Cell = tuple[str, str]
"""What is counted: `("late", severity)` or `("units", stage)`."""
Sums = Mapping[Cell, Number]
_SUBJECTS: Cell = ("subjects", "")
_PRESSING: tuple[Cell, ...] = (("late", "critical"), ("late", "warning"), ("late", "info"))


class Breakdown:
    """Sums by country, or by agency; a name that nothing counts for any more is forgotten."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[Cell, Number]] = {}

    def clear(self) -> None:
        self._sums.clear()

    def count(self, name: str | None, cells: Iterable[tuple[Cell, Number]], sign: int) -> None:
        """Add a subject of that name, or with sign -1 take it away as it was added."""
        sums = self._sums.setdefault(name or UNKNOWN, {})
        for cell, number in ((_SUBJECTS, 1), *cells):
            sums[cell] = sums.get(cell, 0) + sign * number
        if not sums[_SUBJECTS]:
            del self._sums[name or UNKNOWN]

    def shown(self) -> dict[str, Sums]:
        """The names with the gravest lateness, then the largest; always with what else there is."""
        names = self._sums.keys() - {UNKNOWN}
        named = nsmallest(NAMED, names, key=self._rank)
        shown: dict[str, Sums] = {name: dict(self._sums[name]) for name in named}
        shown[OTHER] = _together(self._sums[name] for name in names.difference(named))
        shown[UNKNOWN] = dict(self._sums.get(UNKNOWN, {}))
        return shown

    def _rank(self, name: str) -> tuple[Number | str, ...]:
        sums = self._sums[name]
        return (*(-sums.get(cell, 0) for cell in (*_PRESSING, _SUBJECTS)), name)


def _together(parts: Iterable[Sums]) -> Sums:
    whole: dict[Cell, Number] = {}
    for part in parts:
        for cell, number in part.items():
            whole[cell] = whole.get(cell, 0) + number
    return whole
