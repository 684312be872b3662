"""What one movement or commitment counts for in the tracker's gauges."""

from typing import NamedTuple

from schemas.vocabulary import SEVERITIES, STAGES, Stage
from services.tracker.breakdown import Cell
from services.tracker.core.commitment import Commitment
from services.tracker.core.ledger import Number
from services.tracker.core.movement import Movement
from services.tracker.metrics import DelayLabels, MovementLabels


class Sides(NamedTuple):
    """What is counted by kind, by country and by agency."""

    kind: str
    country: str | None
    agency: str | None
    late: str | None = None
    """The severity of its gravest open delay."""
    units: tuple[tuple[Stage, Number], ...] = ()
    """Of a promise that stands."""

    @property
    def cells(self) -> list[tuple[Cell, Number]]:
        """What it counts for in its country and its agency."""
        late = [] if self.late is None else [(("late", self.late), 1)]
        return [*late, *((("units", stage), number) for stage, number in self.units)]


class Labels(NamedTuple):
    """What one movement or commitment counts for."""

    movement: MovementLabels | None
    delays: tuple[DelayLabels, ...]
    sides: Sides


def labels_of(subject: Movement | Commitment) -> Labels:
    """What a movement or a commitment counts for."""
    delays = tuple((told.delay, told.severity) for told in subject.told if told.is_open)
    late = max((severity for _, severity in delays), key=_gravity) if delays else None
    if isinstance(subject, Movement):
        kind = subject.history.kind
        return Labels(
            (subject.state, kind), delays, Sides(kind, subject.country, subject.agency, late)
        )
    promise = subject.promise
    lines = promise.lines if promise.stands else ()
    units = tuple((stage, sum(getattr(x, stage) for x in lines)) for stage in STAGES)
    return Labels(None, delays, Sides(promise.kind, promise.country, promise.agency, late, units))


def alike(before: Movement | Commitment, after: Movement | Commitment) -> bool:
    """Whether nothing changed of what is counted, as can be told at once."""
    if before.told is not after.told:
        return False
    if isinstance(before, Movement) and isinstance(after, Movement):
        return _counted(before) == _counted(after)
    return False


def _counted(movement: Movement) -> tuple[str, str | None, str | None]:
    return (movement.state, movement.country, movement.agency)


_RANKS: dict[str, int] = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def _gravity(severity: str) -> int:
    return _RANKS[severity]
