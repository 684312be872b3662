"""The work that every contestant does with an event; the Java one does the same in Java."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from pydantic import BaseModel

KEPT = 10
_LATE = timedelta(minutes=1)
_TOLD = 13
"""Of 256 events so many are told on: five in a hundred."""


EventType = Literal["PICKED_UP", "DEPARTED", "ARRIVED", "OUT_FOR_DELIVERY", "DELIVERED"]


class Event(BaseModel):
    """What a carrier says of a shipment."""

    event_id: str
    shipment_id: str
    seq: int
    type: EventType
    occurred_at: datetime
    recorded_at: datetime
    facility: str
    carrier: str
    lat: float
    lon: float
    weight_kg: float
    temp_c: float | None = None
    note: str = ""


class Seen(msgspec.Struct, frozen=True, gc=False):
    """What is kept of one event."""

    id: str
    type: str
    at: str
    facility: str
    lat: float
    lon: float


class State(msgspec.Struct, frozen=True, gc=False):
    """What is known of a shipment."""

    shipment_id: str
    count: int
    seq: int
    status: str
    facility: str
    first_at: str
    last_at: str
    late: int
    last: tuple[Seen, ...]


class Alert(msgspec.Struct, frozen=True, gc=False):
    """What is told on."""

    id: str
    type: str
    at: str
    status: str
    count: int


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(State).decode


def fold(before: State | None, value: bytes) -> tuple[State, bytes | None]:
    """The state after an event, and for one event in twenty what is told on."""
    event = Event.model_validate_json(value)
    after = _apply(before, event)
    if int(event.event_id[:2], 16) >= _TOLD:
        return after, None
    at = event.occurred_at.isoformat()
    alert_id = f"{event.shipment_id}:{event.seq}"
    return after, encode(Alert(alert_id, "ALERT", at, after.status, after.count))


def fold_bytes(before: bytes | None, value: bytes) -> tuple[bytes, bytes | None]:
    """The same where states are kept as bytes."""
    state, alert = fold(None if before is None else decode(before), value)
    return encode(state), alert


def _apply(before: State | None, event: Event) -> State:
    at = event.occurred_at.isoformat()
    seen = Seen(event.event_id, event.type, at, event.facility, event.lat, event.lon)
    late = event.recorded_at - event.occurred_at > _LATE
    name, seq, place = event.shipment_id, event.seq, event.facility
    if before is None:
        return State(name, 1, seq, event.type, place, at, at, int(late), (seen,))
    newest = seq > before.seq
    return State(
        name,
        before.count + 1,
        seq if newest else before.seq,
        event.type if newest else before.status,
        place if newest else before.facility,
        min(before.first_at, at),
        max(before.last_at, at),
        before.late + late,
        (*before.last[1 - KEPT :], seen),
    )
