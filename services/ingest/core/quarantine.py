"""What is refused is kept: the original bytes, and why, from where and when.

Of a row with a person's data only what names the event is kept.
"""

from datetime import datetime
from typing import Final

import orjson

from schemas.codes import is_identifier
from schemas.refusals import read_json
from schemas.times import wire
from schemas.topics import QUARANTINE, QUARANTINED_BYTES
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Refused
from services.runtime.processor import Record

_DETAIL: Final = 500
_NAMES: Final = ("publisher", "kind", "subject_id", "event_id", "type")


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
        _kept(row, refused),
        tuple((name, text.encode(errors="replace")) for name, text in headers.items()),
    )


def _kept(row: bytes, refused: Refused) -> bytes:
    if refused.reason is not RefusalReason.PERSONAL_DATA:
        return row[:QUARANTINED_BYTES]
    raw = read_json(row)
    said = raw if isinstance(raw, dict) else {}
    return orjson.dumps({name: said[name] for name in _NAMES if _is_name(said.get(name))})


def _is_name(said: object) -> bool:
    return isinstance(said, str) and is_identifier(said)
