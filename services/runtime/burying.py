"""What is put in quarantine of a record that no processor could handle."""

from schemas.times import wire
from schemas.topics import QUARANTINED_BYTES
from services.runtime.moments import from_ms
from services.runtime.processor import Record


def buried(topic: str, record: Record, processor: str, error: Exception, at: int) -> Record:
    """Its copy for that topic, with the reason and where it came from, at that moment in ms."""
    headers = {
        "reason": "broken",
        "field": "",
        "detail": f"{processor}: {type(error).__name__}: {error}"[:500],
        "origin": f"kafka:{record.topic}/{record.partition}/{record.offset}",
        "row": "1",
        "received_at": wire(from_ms(at)),
    }
    key = dict(record.headers).get("source", record.key)
    kept = None if record.value is None else record.value[:QUARANTINED_BYTES]
    encoded = tuple((name, value.encode()) for name, value in headers.items())
    return Record(topic, key, kept, encoded)
