"""What a sink is: a place outside where people learn of alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from schemas.vocabulary import SinkOutcome
from services.alerts.core.standing import Standing
from services.runtime.processor import Call


class Answer(NamedTuple):
    """What came of telling a sink something."""

    outcome: SinkOutcome
    status: int | None = None
    """HTTP status, where there was an answer."""
    detail: str | None = None
    retry_at: datetime | None = None
    """The sink asks not to be told again before; wall time."""


class EdgeSink(Protocol):
    """Is told of each change once, and again until it answers."""

    async def take(self, call: Call) -> Answer:
        """Tell it; a failure of the sink is an answer, never an exception."""

    async def close(self) -> None:
        """Release its connections."""


class LevelSink(Protocol):
    """Is shown again and again what stands."""

    async def show(self, standings: Sequence[Standing]) -> Sequence[Answer]:
        """Show all of it to every peer; one answer for each request made."""

    async def close(self) -> None:
        """Release its connections."""


Sink = EdgeSink | LevelSink
