"""What operators say of an alert, and what a sink answered to a call."""

import json
from uuid import UUID, uuid5

from schemas.contract import Contract
from schemas.fields import Time
from schemas.vocabulary import CommandName, SinkOutcome


def call_id(delay_id: str, seq: int, sink: str) -> str:
    """The id of telling one sink one word of a delay; a repeated call has the same.

    Raises ValueError where delay_id is no UUID.
    """
    about = json.dumps([seq, sink], ensure_ascii=False, separators=(",", ":"))
    return str(uuid5(UUID(delay_id), about))


class Command(Contract):
    """An operator's word about an alert; keyed by its subject."""

    command: CommandName
    delay_id: str
    by: str
    at: Time
    until: Time | None = None
    """How long an acknowledgement holds."""
    note: str | None = None


class Receipt(Contract):
    """A sink's answer to one call; keyed by its subject."""

    call_id: str
    sink: str
    outcome: SinkOutcome
    status: int | None = None
    """HTTP status, where there was an answer."""
    detail: str | None = None
    retry_at: Time | None = None
    """The sink asks not to be called again before; wall time."""
    at: Time
