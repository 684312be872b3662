"""The edge's OpenAPI document, made of models; `python -m services.ingest.openapi` writes it."""

import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from schemas.events import event_adapter
from schemas.vocabulary import EVENT_TYPES, OPERATORS_WORDS
from services.ingest.answers import BatchAnswer, ProblemAnswer
from services.ingest.framing import Framing

CHECKED_IN: Final = Path(__file__).with_name("openapi.json")
_REF: Final = "#/components/schemas/{model}"
_PROBLEMS: Final = {
    400: "The body is empty, cut off, too slow or not gzip, or a parameter is wrong.",
    401: "No source has this key.",
    413: "The body is larger than 1 MiB, than 8 MiB after gzip, or has more than 1,000 rows.",
    415: "Neither JSON nor NDJSON, or a coding other than gzip.",
    429: "This source sends too much; see Retry-After.",
    503: "Kafka did not acknowledge, or the edge is busy; send the whole batch again later.",
}


@cache
def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chasqui ingest", "version": version("chasqui"), "license": _LICENSE},
        "paths": {
            "/v1/events": {"post": _post_events()},
            "/healthz": {"get": _probe("The process runs.")},
            "/readyz": {"get": _probe("Kafka answers and its topics are there.", 503)},
            "/openapi.json": {"get": _probe("This document.")},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "source": {"type": "http", "scheme": "bearer", "description": "<key id>.<secret>"}
            },
        },
    }


_OPERATORS: Final = [word for word in EVENT_TYPES if word in OPERATORS_WORDS]
_LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _post_events() -> dict[str, Any]:
    answers = {
        "200": _content(
            "dry_run: at least one row would be accepted; nothing is kept.", "BatchAnswer"
        ),
        "202": _content(
            "At least one row was accepted, and all accepted rows are safe.", "BatchAnswer"
        ),
        "422": _content("No row was accepted.", "BatchAnswer"),
    }
    return {
        "operationId": "postEvents",
        "summary": "Report one event or a batch of them.",
        "description": f"Only a source with the scope `operator` says {', '.join(_OPERATORS)}.",
        "security": [{"source": []}],
        "parameters": [_DRY_RUN, _CODING],
        "requestBody": {"required": True, "content": _bodies()},
        "responses": answers
        | {str(status): _problem(status, says) for status, says in _PROBLEMS.items()},
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


def _bodies() -> dict[str, Any]:
    event = {"$ref": _REF.format(model="Event")}
    batch = {"type": "array", "items": event, "minItems": 1, "maxItems": 1000}
    lines = {"type": "string", "description": "One event a line, at most 1,000."}
    return {
        Framing.JSON.value: {"schema": {"oneOf": [event, batch]}},
        Framing.NDJSON.value: {"schema": lines},
    }


def _content(says: str, model: str, media_type: str = "application/json") -> dict[str, Any]:
    return {
        "description": says,
        "content": {media_type: {"schema": {"$ref": _REF.format(model=model)}}},
    }


def _problem(status: int, says: str) -> dict[str, Any]:
    answer = _content(says, "ProblemAnswer", "application/problem+json")
    if status in (429, 503):
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        answer["headers"] = {"Retry-After": seconds}
    return answer


def _probe(says: str, *problems: int) -> dict[str, Any]:
    answers: dict[str, Any] = {"200": {"description": says, "content": {"application/json": {}}}}
    return {
        "summary": says,
        "responses": answers | {str(each): _problem(each, "Not now.") for each in problems},
    }


def _schemas() -> dict[str, Any]:
    events = event_adapter.json_schema(ref_template=_REF)
    known: dict[str, Any] = events.pop("$defs")
    answers = [(model, "serialization") for model in (BatchAnswer, ProblemAnswer)]
    _, made = models_json_schema(answers, ref_template=_REF)  # type: ignore[arg-type]
    return dict(sorted((known | made["$defs"] | {"Event": events}).items()))


def as_text() -> str:
    """The document as it is checked in."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    CHECKED_IN.write_text(as_text(), encoding="utf-8")
