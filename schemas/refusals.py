"""From bytes to an event, or to a refusal: a reason, a field's path and one readable sentence."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from schemas.events import MODELS, RETRACTION, Event, event_adapter, tag_of
from schemas.faults import FOLLOWS, Refusal, fault_told
from schemas.retraction import Retraction
from schemas.vocabulary import RefusalReason

EVENT_BYTES: Final = 64 * 1024
DEPTH: Final = 16

_MOST_FUNDAMENTAL: Final = (
    RefusalReason.PERSONAL_DATA,
    RefusalReason.UNKNOWN_TYPE,
    RefusalReason.MISSING_FIELD,
    RefusalReason.WRONG_TYPE,
)
_UNION: Final = event_adapter.validator
_READERS: Final = MappingProxyType(
    {tag: model.__pydantic_validator__ for tag, model in MODELS.items()}
    | {RETRACTION: Retraction.__pydantic_validator__}
)
"""Each model by its tag, found at once; the union then has only to tell what is wrong."""


class RefusedEvent(ValueError):  # noqa: N818 - says what it is
    """An event that is not admitted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


def parse_event(data: bytes) -> Event:
    """The event that the bytes say; raises RefusedEvent."""
    return event_of(read_json(data))


def read_json(data: bytes) -> object:
    """What the bytes of one event say as JSON, not yet an event.

    Raises RefusedEvent: too_large (64 KiB), not_utf8, not_json (NaN and lone surrogates are not
    JSON), too_deep (16 levels).
    """
    if len(data) > EVENT_BYTES:
        says = f"an event has at most {EVENT_BYTES} bytes: {len(data)}"
        raise refused(RefusalReason.TOO_LARGE, None, says)
    try:
        raw: object = from_json(data, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise _not_json(data, str(error)) from None
    if data.count(b"{") + data.count(b"[") > DEPTH and _deeper(raw, DEPTH):
        raise refused(RefusalReason.TOO_DEEP, None, f"nested deeper than {DEPTH} levels")
    return raw


def event_of(raw: object) -> Event:
    """The event that parsed JSON says; raises RefusedEvent with the most fundamental fault."""
    if not isinstance(raw, dict):
        raise refused(RefusalReason.WRONG_TYPE, None, "an event is a JSON object")
    _refuse_unknown_version(raw.get("schema_version"))
    try:
        event: Event = _READERS.get(tag_of(raw) or "", _UNION).validate_python(raw)
    except ValidationError:
        # Most nulls are in order as they stand; elsewhere a null is as good as absent.
        said = _without_nulls(raw)
    else:
        return event
    try:
        return event_adapter.validate_python(said)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    raise RefusedEvent(_told(faults))


def _without_nulls(raw: object) -> object:
    if isinstance(raw, dict):
        return {name: _without_nulls(said) for name, said in raw.items() if said is not None}
    return [_without_nulls(said) for said in raw] if isinstance(raw, list) else raw


def refused(reason: RefusalReason, field: str | None, detail: str) -> RefusedEvent:
    """A refusal to raise."""
    return RefusedEvent(Refusal(reason, field, detail))


def _refuse_unknown_version(version: object) -> None:
    # Told before an unknown type: a newer version may well bring new types.
    if type(version) in {int, float} and version != 1:
        says = f"schema_version 1 is the only one: {version}"
        raise refused(RefusalReason.UNKNOWN_VERSION, "schema_version", says)


def _not_json(data: bytes, says: str) -> RefusedEvent:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return refused(RefusalReason.NOT_UTF8, None, f"not UTF-8 at byte {error.start}")
    if says.startswith("recursion limit"):
        return refused(RefusalReason.TOO_DEEP, None, f"nested deeper than {DEPTH} levels")
    return refused(RefusalReason.NOT_JSON, None, f"not JSON: {says}")


def _deeper(raw: object, levels: int) -> bool:
    within: Iterator[object]
    if isinstance(raw, dict):
        within = iter(raw.values())
    elif isinstance(raw, list):
        within = iter(raw)
    else:
        return False
    return levels == 0 or any(_deeper(value, levels - 1) for value in within)


def _told(faults: list[ErrorDetails]) -> Refusal:
    """The most fundamental fault; of equals the first in the order of the fields."""
    told = [fault_told(fault) for fault in faults if fault["type"] != FOLLOWS]
    return min(told, key=_rank)


def _rank(refusal: Refusal) -> int:
    if refusal.reason in _MOST_FUNDAMENTAL:
        return _MOST_FUNDAMENTAL.index(refusal.reason)
    return len(_MOST_FUNDAMENTAL)
