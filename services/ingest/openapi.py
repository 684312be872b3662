"""The edge's OpenAPI document, made of models; `python -m services.ingest.openapi` writes it."""

from functools import cache
from pathlib import Path
from typing import Final

from schemas.events import event_adapter
from schemas.vocabulary import EVENT_TYPES, OPERATORS_WORDS
from services.ingest.answers import BatchAnswer
from services.ingest.framing import Framing
from services.runtime.openapi import (
    REF,
    Json,
    answer,
    as_text,
    openapi,
    problems,
    schemas_of,
)

CHECKED_IN: Final = Path(__file__).with_name("openapi.json")
_PROBLEMS: Final = {
    400: "The body is empty, cut off, too slow or not gzip, or a parameter is wrong.",
    401: "No source has this key.",
    413: "The body is larger than 1 MiB, than 8 MiB after gzip, or has more than 1,000 rows.",
    415: "Neither JSON nor NDJSON, or a coding other than gzip.",
    429: "This source sends too much; see Retry-After.",
    503: "Kafka did not acknowledge, or the edge is busy; send the whole batch again later.",
}
_OPERATORS: Final = [word for word in EVENT_TYPES if word in OPERATORS_WORDS]


@cache
def document() -> Json:
    """OpenAPI 3.1."""
    paths = {"/v1/events": {"post": _post_events()}}
    ready = "Kafka answers and its topics are there."
    events = event_adapter.json_schema(ref_template=REF)
    known: Json = events.pop("$defs")
    schemas = known | schemas_of([BatchAnswer]) | {"Event": events}
    return openapi("Chasqui ingest", paths, ready, schemas)


def _post_events() -> Json:
    answers = {
        "200": answer(
            "dry_run: at least one row would be accepted; nothing is kept.", "BatchAnswer"
        ),
        "202": answer(
            "At least one row was accepted, and all accepted rows are safe.", "BatchAnswer"
        ),
        "422": answer("No row was accepted.", "BatchAnswer"),
    }
    return {
        "operationId": "postEvents",
        "summary": "Report one event or a batch of them.",
        "description": f"Only a source with the scope `operator` says {', '.join(_OPERATORS)}.",
        "security": [{"source": []}],
        "parameters": [_DRY_RUN, _CODING],
        "requestBody": {"required": True, "content": _bodies()},
        "responses": answers | problems(_PROBLEMS),
    }


_DRY_RUN: Final = {
    "name": "dry_run",
    "in": "query",
    "schema": {"enum": ["0", "1"], "default": "0"},
    "description": "1: judge all rows and keep nothing.",
}
_CODING: Final = {
    "name": "Content-Encoding",
    "in": "header",
    "schema": {"enum": ["identity", "gzip"]},
}


def _bodies() -> Json:
    event = {"$ref": REF.format(model="Event")}
    batch = {"type": "array", "items": event, "minItems": 1, "maxItems": 1000}
    lines = {"type": "string", "description": "One event a line, at most 1,000."}
    return {
        Framing.JSON.value: {"schema": {"oneOf": [event, batch]}},
        Framing.NDJSON.value: {"schema": lines},
    }


if __name__ == "__main__":
    CHECKED_IN.write_text(as_text(document()), encoding="utf-8")
