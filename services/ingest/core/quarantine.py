"""What is refused is kept: the original bytes, and why, from where and when."""

from datetime import datetime
from typing import Final

from schemas.times import wire
from schemas.topics import QUARANTINE, QUARANTINED_BYTES
from services.ingest.core.admission import Refused
from services.runtime.processor import Record

_DETAIL: Final = 500


def quarantined(
    row: bytes, refused: Refused, *, origin: str, number: int, source: str, at: datetime
) -> Record:
    """The quarantine's record of row `number` (from 1) that came from `origin` at `at`."""
    headers = {
        "reason": refused.reason.value,
        "field": refused.field or "",
        "detail": refused.detail[:_DETAIL],
        "origin": origin,
        "row": str(number),
        "received_at": wire(refused.received_at or at),
    }
    key = refused.publisher or source
    return Record(
        QUARANTINE.full_name,
        key.encode(),
        row[:QUARANTINED_BYTES],
        tuple((name, text.encode(errors="replace")) for name, text in headers.items()),
    )
