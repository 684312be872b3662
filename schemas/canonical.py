"""The canonical form of an event: equal events are equal bytes, and one hash names them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from hashlib import sha256
from typing import Final

import orjson

from schemas.contract import Contract
from schemas.envelope import Envelope
from schemas.numbers import Tiny
from schemas.times import wire

_STAMPS: Final = ("ingested_at", "received_at")
_FILLED_IN: Final = ("schema_version", "retracted", "leg", "revised_at")
_BESIDE_THE_CONTENT: Final = ("event_id", "recorded_at", "revised_at")
_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
_TIMES_BY_WIRE: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
_INGESTED_AT: Final = b'"ingested_at":"'
_stamp: Final = lru_cache(maxsize=1000)(wire)
"""Rows of one batch are mostly received at one moment."""


def canonical(event: Envelope) -> bytes:
    """The event as compact JSON with sorted keys, in UTF-8, without the stamps of arrival.

    What the source wrote is kept, nulls are dropped, and only `schema_version`, `retracted`,
    `leg`, `revised_at` and a derived `event_id` are filled in.
    """
    return _compact(canonical_fields(event))


def canonical_hash(data: bytes) -> str:
    """SHA-256 of canonical bytes, as 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def derived_event_id(event: Envelope) -> str:
    """The event_id of an event that came without one: the hash of what it says.

    When it was written down does not count, so that uploading a file again changes nothing.
    """
    fields = canonical_fields(event)
    for name in _BESIDE_THE_CONTENT:
        fields.pop(name, None)
    return canonical_hash(_compact(fields))


def journal_value(event: Envelope, ingested_at: datetime) -> bytes:
    """The value of the event's journal record: the canonical form with `ingested_at` sorted in."""
    fields = canonical_fields(event)
    fields["ingested_at"] = _stamp(ingested_at)
    return _compact(fields)


def without_ingested_at(value: bytes) -> bytes:
    """The canonical form back from a journal value."""
    # In canonical JSON these bytes stand only at the key: a quote inside a text is escaped.
    start = value.find(_INGESTED_AT)
    if start < 0:
        return value
    end = value.index(b'",', start + len(_INGESTED_AT)) + 2
    return value[:start] + value[end:]


def canonical_fields(event: Envelope) -> dict[str, object]:
    """The fields of the canonical form, its parts still as models and times as datetimes."""
    fields = _written(event)
    for name in _STAMPS:
        fields.pop(name, None)
    return fields


def _written(part: Contract) -> dict[str, object]:
    """The fields that the source wrote, without nulls, and of an event those filled in."""
    fields = {name: value for name, value in part.__dict__.items() if value is not None}
    for name in _defaulted(type(part)):
        if name not in part.__pydantic_fields_set__:
            del fields[name]
    return fields


@cache
def _defaulted(model: type[Contract]) -> tuple[str, ...]:
    """The fields that are something where the source wrote nothing, and then are left out."""
    filled_in = _FILLED_IN if issubclass(model, Envelope) else ()
    return tuple(
        name
        for name, field in model.model_fields.items()
        if not field.is_required() and field.default is not None and name not in filled_in
    )


def _compact(fields: Mapping[str, object]) -> bytes:
    data = orjson.dumps(fields, _plain, _SORTED)
    if b"." in data and b'000Z"' in data:
        # A time with milliseconds, of which orjson makes microseconds, or a text that looks so.
        return orjson.dumps(fields, _plain, _TIMES_BY_WIRE)
    return data


def _plain(value: Contract | Tiny | datetime) -> dict[str, object] | orjson.Fragment | str:
    if isinstance(value, Tiny):
        return orjson.Fragment(repr(value))
    return wire(value) if isinstance(value, datetime) else _written(value)
