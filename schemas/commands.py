"""What operators say of an alert, and what a sink answered to a call."""

import json
from typing import Self
from uuid import UUID, uuid5

from pydantic import model_validator

from schemas.contract import Contract
from schemas.fields import Time
from schemas.texts import Identifier, Note, Operator
from schemas.values import BadValue
from schemas.vocabulary import CommandName, RefusalReason, SinkOutcome


def call_id(delay_id: str, seq: int, sink: str, further: int = 0) -> str:
    """The id of telling one sink one word of a delay; a repeated call has the same.

    `further` counts from 1 what is told of an alert beside the records of its delay.
    Raises ValueError where delay_id is no UUID.
    """
    said = [seq, sink, further] if further else [seq, sink]
    about = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return str(uuid5(UUID(delay_id), about))


class Command(Contract):
    """An operator's word about an alert; keyed by its subject."""

    command: CommandName
    delay_id: Identifier
    """Of the alert, or of one of its escalations."""
    by: Operator
    at: Time
    """When it was said: the same word said twice at the same moment counts once."""
    until: Time | None = None
    """How long an acknowledgement holds."""
    note: Note | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.command == "note" and self.note is None:
            raise BadValue(RefusalReason.MISSING_FIELD, "a note says something", "note")
        return self


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
