"""What pydantic found wrong, in the words of the contract."""

import json
from typing import Final, NamedTuple

from pydantic_core import ErrorDetails

from schemas.values import BadValue
from schemas.vocabulary import EVENT_TYPES, RefusalReason

FOLLOWS: Final = "default_factory_not_called"
"""The error of a default that could not be made because another field is wrong: no news."""

_PLAIN: Final = {"tuple_type": "an array", "model_type": "an object", "bool_type": "true or false"}
_SHOWN: Final = 80
_REASONS: Final = frozenset(reason.value for reason in RefusalReason)


class Refusal(NamedTuple):
    """Why an event is not admitted; `field` is a dotted path such as `lines.0.quantity`."""

    reason: RefusalReason
    field: str | None
    detail: str


def fault_told(fault: ErrorDetails) -> Refusal:
    """One error of an event's validation as a refusal."""
    # The first step of a path is the tag of the union, which is no field.
    path = [str(step) for step in fault["loc"][1:]]
    error = fault.get("ctx", {}).get("error")
    if isinstance(error, BadValue):
        field = ".".join(path) or error.field
        if error.reason is RefusalReason.PERSONAL_DATA:
            return Refusal(error.reason, field, error.says)
        return Refusal(error.reason, field, _with_value(error.says, fault["input"]))
    if not fault["loc"]:
        return _of_type(fault)
    return _of_pydantic(fault, path)


def _of_type(fault: ErrorDetails) -> Refusal:
    raw = fault["input"]
    said = raw.get("type") if isinstance(raw, dict) else None
    if said is None:
        return Refusal(RefusalReason.MISSING_FIELD, "type", "type is missing")
    if not isinstance(said, str):
        return Refusal(RefusalReason.WRONG_TYPE, "type", _with_value("type is a text", said))
    says = _with_value(f"type is one of {', '.join(EVENT_TYPES)}", said)
    return Refusal(RefusalReason.UNKNOWN_TYPE, "type", says)


def _of_pydantic(fault: ErrorDetails, path: list[str]) -> Refusal:
    field, leaf, given = ".".join(path), path[-1], fault["input"]
    match fault["type"]:
        case "missing":
            return Refusal(RefusalReason.MISSING_FIELD, field, f"{field} is missing")
        case "too_long":
            says = f"{field} has at most {fault['ctx']['max_length']} entries: {len(given)}"
            return Refusal(RefusalReason.TOO_LARGE, field, says)
        case "literal_error" if isinstance(given, str):
            says = f"{field} is {fault['ctx']['expected'].replace(chr(39), '')}"
            return Refusal(_of_word(leaf), field, _with_value(says, given))
        case custom if custom in _REASONS:
            return Refusal(RefusalReason(custom), field, _with_value(fault["msg"], given))
        case other:
            says = f"{field} is {_PLAIN.get(other, 'a text')}"
            return Refusal(RefusalReason.WRONG_TYPE, field, _with_value(says, given))


def _of_word(leaf: str) -> RefusalReason:
    return RefusalReason.BAD_CLASSIFIER if leaf == "classifier" else RefusalReason.BAD_CODE


def _with_value(says: str, given: object) -> str:
    if not isinstance(given, str | int | float | None):
        return says
    shown = given if isinstance(given, str) else json.dumps(given)
    printable = "".join(char if char.isprintable() else "?" for char in shown)
    return f"{says}: {printable[:_SHOWN]}"
