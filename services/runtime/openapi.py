"""What the OpenAPI documents of services have in common: answers, problems, probes."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.runtime.problems import PROBLEM_JSON

Json = dict[str, Any]
REF: Final = "#/components/schemas/{model}"
_LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
_WAIT: Final = (429, 503)


class ProblemAnswer(BaseModel):
    """RFC 9457: what was wrong with the request as a whole."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None


def openapi(title: str, paths: Json, ready: str, schemas: Json) -> Json:
    """OpenAPI 3.1, of an interface whose keys are bearer tokens; `ready` says what /readyz means.

    Every service answers its probes and this document besides its `paths`.
    """
    probes = {
        "/healthz": {"get": _probe("The process runs.")},
        "/readyz": {"get": _probe(ready, 503)},
        "/openapi.json": {"get": _probe("This document.")},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("chasqui"), "license": _LICENSE},
        "paths": paths | probes,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "source": {"type": "http", "scheme": "bearer", "description": "<key id>.<secret>"}
            },
        },
    }


def schemas_of(answers: Iterable[type[BaseModel]], bodies: Iterable[type[BaseModel]] = ()) -> Json:
    """The models as they are told, those of bodies as they are heard, and problems."""
    told = [(model, "serialization") for model in (*answers, ProblemAnswer)]
    heard = [(model, "validation") for model in bodies]
    _, made = models_json_schema([*told, *heard], ref_template=REF)  # type: ignore[list-item]
    schemas: Json = made["$defs"]
    return schemas


def answer(says: str, model: str, media_type: str = "application/json") -> Json:
    """An answer of that model."""
    return {
        "description": says,
        "content": {media_type: {"schema": {"$ref": REF.format(model=model)}}},
    }


def problems(told: Mapping[int, str]) -> Json:
    """What may be wrong, by status."""
    return {str(status): _problem(status, says) for status, says in told.items()}


def _probe(says: str, *statuses: int) -> Json:
    """A place that is asked for its status alone."""
    answers: Json = {"200": {"description": says, "content": {"application/json": {}}}}
    return {"summary": says, "responses": answers | problems(dict.fromkeys(statuses, "Not now."))}


def as_text(document: Json) -> str:
    """A document as it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _problem(status: int, says: str) -> Json:
    told = answer(says, "ProblemAnswer", PROBLEM_JSON)
    if status in _WAIT:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        told["headers"] = {"Retry-After": seconds}
    return told
