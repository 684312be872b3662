"""The OpenAPI document of alerts; `python -m services.alerts.openapi` writes it."""

from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from schemas.alerts import Alert, AuditEntry
from schemas.commands import Command
from schemas.fields import Time
from services.alerts.asking import FILTERS, MOST, USUAL_LIMIT, WORDS
from services.alerts.commanding import Acknowledge, LeaveNote, Said
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
_ONE: Final = "/v1/alerts/{alert_id}"
_ID: Final = {"name": "alert_id", "in": "path", "required": True, "schema": {"type": "string"}}
_ASKED: Final = {
    401: "No source has this key.",
    403: "The key lacks the scope.",
    503: "Not all alerts are known here at the moment; ask again.",
}
_UNKNOWN: Final = {404: "No alert has this id, or it was resolved too long ago."}
_SAID: Final = {
    409: "The alert is resolved.",
    413: "The body is larger than 16 KiB.",
    422: "The body is not what is to be said; nothing was done.",
}


class AlertsPage(BaseModel):
    """Alerts, the newest first."""

    alerts: list[Alert]
    next: str | None
    """The cursor of the next page; null on the last."""
    resolved_since: Time | None
    """Those that were resolved before are not listed any more."""


class AlertHistory(BaseModel):
    """An alert with its evidence, and what was done about it."""

    alert: Alert
    history: list[AuditEntry]
    """The oldest first."""
    history_complete: bool


@cache
def document() -> Json:
    """OpenAPI 3.1."""
    paths = {
        "/v1/alerts": {"get": _list()},
        _ONE: {"get": _show()},
        f"{_ONE}/acknowledge": {"post": _say("Take an alert.", "acknowledge", Acknowledge)},
        f"{_ONE}/unacknowledge": {"post": _say("Give it back.", "unacknowledge", Said)},
        f"{_ONE}/note": {"post": _say("Note something about it.", "note", LeaveNote)},
    }
    answers, bodies = (AlertsPage, AlertHistory, Command), (Acknowledge, LeaveNote, Said)
    ready = "All assigned partitions are recovered."
    return openapi("Chasqui alerts", paths, ready, schemas_of(answers, bodies))


def _list() -> Json:
    return {
        "operationId": "listAlerts",
        "summary": "List alerts of all partitions.",
        "description": "Takes a key of the scope `alerts` or `operator`, as all that reads.",
        "security": [{"source": []}],
        "parameters": [*map(_filter, FILTERS), *_OTHERS],
        "responses": {"200": answer("A page of them.", "AlertsPage")}
        | problems({400: "A parameter is unknown or wrong."} | _ASKED),
    }


def _show() -> Json:
    return {
        "operationId": "showAlert",
        "summary": "One alert with its evidence and history.",
        "security": [{"source": []}],
        "parameters": [_ID],
        "responses": {"200": answer("It.", "AlertHistory")} | problems(_ASKED | _UNKNOWN),
    }


def _say(says: str, name: str, body: type[BaseModel]) -> Json:
    schema = {"$ref": REF.format(model=body.__name__)}
    return {
        "operationId": f"{name}Alert",
        "summary": says,
        "description": "Takes a key of the scope `operator`. Saying it again does no harm.",
        "security": [{"source": []}],
        "parameters": [_ID],
        "requestBody": {
            "required": body is LeaveNote,
            "content": {"application/json": {"schema": schema}},
        },
        "responses": {"202": answer("It is safe, and will be done.", "Command")}
        | problems(_ASKED | _UNKNOWN | _SAID),
    }


def _filter(name: str) -> Json:
    of = {"enum": list(WORDS[name])} if name in WORDS else {"type": "string"}
    return {
        "name": name,
        "in": "query",
        "schema": {"type": "array", "items": of},
        "description": "Given several times it takes any of its values.",
    }


_OTHERS: Final = [
    {"name": "acknowledged", "in": "query", "schema": {"enum": ["true", "false"]}},
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL_LIMIT},
    },
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`next` of the page before.",
    },
]


if __name__ == "__main__":
    CHECKED_IN.write_text(as_text(document()), encoding="utf-8")
