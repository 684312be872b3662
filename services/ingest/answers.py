"""The answers of the edge, row by row."""

from collections.abc import Sequence
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict

from schemas.times import wire
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Admitted, Refused


class RowAnswer(BaseModel):
    """What became of one row."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    row: int
    """Its place in the request, from 1."""
    event_id: str | None
    """As it was sent or derived; null where it could not be read."""
    outcome: Literal["accepted", "refused"]
    reason: RefusalReason | None = None
    field: str | None = None
    """Dotted path of the field, where there is one."""
    detail: str | None = None
    """One readable sentence."""
    server_time: str | None = None
    """The edge's time, where the source's clock was ahead of it."""


class BatchAnswer(BaseModel):
    """What became of all rows of a request, in its order."""

    accepted: int
    refused: int
    rows: tuple[RowAnswer, ...]


def batch_answer(verdicts: Sequence[Admitted | Refused]) -> bytes:
    """A BatchAnswer as JSON."""
    accepted = sum(isinstance(verdict, Admitted) for verdict in verdicts)
    rows = [_row(number, verdict) for number, verdict in enumerate(verdicts, 1)]
    return orjson.dumps({"accepted": accepted, "refused": len(rows) - accepted, "rows": rows})


def _row(number: int, verdict: Admitted | Refused) -> dict[str, object]:
    if isinstance(verdict, Admitted):
        return {"row": number, "event_id": verdict.event_id, "outcome": "accepted"}
    answer: dict[str, object] = {
        "row": number,
        "event_id": verdict.event_id,
        "outcome": "refused",
        "reason": verdict.reason.value,
        "field": verdict.field,
        "detail": verdict.detail,
    }
    if verdict.server_time is not None:
        answer["server_time"] = wire(verdict.server_time)
    return answer
