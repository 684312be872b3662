"""A question for alerts: which ones, from where on, and how many at once."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

from starlette.datastructures import QueryParams

from schemas.vocabulary import DELAY_NAMES, SEVERITIES, AlertStatus, LateKind
from services.alerts.core.register import Place, Wanted
from services.runtime.problems import Problem

USUAL_LIMIT: Final = 50
MOST: Final = 200
FILTERS: Final[Mapping[str, str]] = {
    "status": "status",
    "severity": "severity",
    "country": "country",
    "agency": "agency",
    "kind": "kind",
    "delay": "delay",
    "subject": "subject_id",
}
"""Filters, and the fields of an alert that they are about."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": get_args(AlertStatus),
    "severity": SEVERITIES,
    "kind": get_args(LateKind),
    "delay": DELAY_NAMES,
}
_OTHERS: Final = ("acknowledged", "limit", "cursor")


class Question(NamedTuple):
    """One page of those that are wanted."""

    wanted: Wanted
    after: Place | None
    limit: int


def question_of(said: QueryParams) -> Question:
    """A filter that is given several times takes any of its values. Raises Problem 400."""
    for name in said:
        if name not in FILTERS and name not in _OTHERS:
            known = ", ".join((*FILTERS, *_OTHERS))
            raise _wrong(name, f"the parameters are {known}", "unknown_parameter")
    one_of = {field: _values(said, name) for name, field in FILTERS.items() if name in said}
    return Question(Wanted(one_of, _acknowledged(said)), _after(said), _limit(said))


def cursor_of(place: Place) -> str:
    """A place as clients hand it back."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _values(said: QueryParams, name: str) -> frozenset[str]:
    values, words = said.getlist(name), WORDS.get(name)
    if words is not None and not set(words).issuperset(values):
        raise _wrong(name, f"{name} is one of {', '.join(words)}")
    return frozenset(values)


def _acknowledged(said: QueryParams) -> bool | None:
    match said.get("acknowledged"):
        case None:
            return None
        case "true" | "false" as word:
            return word == "true"
        case _:
            raise _wrong("acknowledged", "acknowledged is true or false")


def _limit(said: QueryParams) -> int:
    text = said.get("limit", str(USUAL_LIMIT))
    limit = int(text) if text.isdecimal() and len(text) <= len(str(MOST)) else 0
    if not 1 <= limit <= MOST:
        raise _wrong("limit", f"limit is 1 to {MOST}")
    return limit


def _after(said: QueryParams) -> Place | None:
    cursor = said.get("cursor")
    if cursor is None:
        return None
    try:
        before, alert_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _wrong("cursor", "a cursor is what the page before gave") from None
    if not isinstance(before, int) or not isinstance(alert_id, str):
        raise _wrong("cursor", "a cursor is what the page before gave")
    return Place(before, alert_id)


def _wrong(name: str, says: str, code: str = "bad_parameter") -> Problem:
    return Problem(400, code, says, field=name)
