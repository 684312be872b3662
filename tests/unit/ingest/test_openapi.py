"""The checked-in document is the one that the models make."""

import json

import jsonschema

from services.ingest.answers import batch_answer
from services.ingest.core.admission import admit
from services.ingest.core.stamp import ClockStamp
from services.ingest.openapi import CHECKED_IN, document
from services.runtime.keys.source import Source
from services.runtime.openapi import as_text
from tests.unit.ingest.saying import NOW, row, saying


def schema(name: str) -> dict[str, object]:
    return {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}


def test_it_is_regenerated_byte_for_byte() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == as_text(document())


def test_it_tells_of_events_and_answers() -> None:
    jsonschema.validate(saying(), schema("Event"))
    source, stamp = Source("hsi", ("*",)), ClockStamp(NOW)
    verdicts = [
        admit(each, source, stamp)
        for each in (row(), b"x", row(recorded_at="2099-01-01T00:00:00Z"))
    ]
    jsonschema.validate(json.loads(batch_answer(verdicts)), schema("BatchAnswer"))
