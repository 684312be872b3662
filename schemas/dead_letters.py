"""What a sink never took, and the word of an operator to send it again."""

from typing import Annotated

from pydantic import Field

from schemas.contract import Contract
from schemas.fields import Time
from schemas.vocabulary import ParkedBecause


class Letter(Contract):
    """A message to a sink, and how it is known."""

    call_id: str
    """As long as it is the same message it is the same call, however often it is sent."""
    sink: str
    alert_id: str
    seq: Annotated[int, Field(ge=0)]
    message: dict[str, object]
    """The sink gets these very bytes."""


class DeadLetter(Letter):
    """A message that is not tried any more; keyed by its subject."""

    reason: ParkedBecause
    status: int | None = None
    """HTTP status of the last answer, where there was one."""
    detail: str | None = None
    """What the sink said last."""
    attempts: Annotated[int, Field(ge=0)]
    since: Time
    """When it was to be sent first; wall time."""
    at: Time
    """When it was parked; wall time."""


class Replay(Letter):
    """An operator's word to send a dead letter again; keyed by its subject."""

    by: str
    at: Time
