"""Stored states are read by the build before and by the build after: a new field is the last."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import msgpack

from services.alerts.core.book import Book
from services.alerts.core.digest import Digest
from services.runtime.progress import Progress
from services.tracker.core.movement import opened

MOVEMENT = opened("shipment", "EC-1", datetime(2026, 1, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    "state", [MOVEMENT, Book(), Digest(), Progress(7, {"events": 3})], ids=repr
)
def test_one_more_field_is_ignored_by_the_old_build_and_defaulted_by_the_new(state: Any) -> None:
    stored: type[msgspec.Struct] = type(state)
    later: Any = msgspec.defstruct(
        "Later", [("added", str, "unknown")], bases=(stored,), frozen=True
    )
    fields = {name: getattr(state, name) for name in stored.__struct_fields__}
    written_later = msgpack.encode(later(**fields, added="known"))
    assert msgpack.decode(written_later, type=stored) == state
    assert msgpack.decode(msgpack.encode(state), type=later) == later(**fields)
