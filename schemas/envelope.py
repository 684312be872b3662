"""What every event carries, whatever its type."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.contract import Contract
from schemas.fields import Time
from schemas.numbers import IgnoredLeg, Latitude, Longitude, SchemaVersion
from schemas.texts import (
    AirWaybill,
    BillOfLading,
    Container,
    Country,
    Identifier,
    Name,
    Publisher,
    Sscc,
    Tcn,
    Unlocode,
)
from schemas.values import BadValue
from schemas.vocabulary import Kind, Mode, Reason, RefusalReason


class Location(Contract):
    """Where it happened or is foreseen, in WGS 84 degrees."""

    country: Country
    unlocode: Unlocode | None = None
    name: Name | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class Parties(Contract):
    """Who owns the subject, and who has it in custody after the event."""

    owner: Publisher | None = None
    custodian: Publisher | None = None


class Refs(Contract):
    """The numbers under which others know the subject."""

    commitment: Identifier | None = None
    request: Identifier | None = None
    tcn: Tcn | None = None
    sscc: Sscc | None = None
    container: Container | None = None
    awb: AirWaybill | None = None
    bol: BillOfLading | None = None


class Envelope(Contract):
    """The fields of any event."""

    schema_version: SchemaVersion = 1
    publisher: Publisher
    """Registered code of who says it."""
    event_id: Annotated[Identifier, Field(default_factory=str)]
    """Unique within publisher and subject; absent: the hash of what the event says."""
    kind: Kind
    subject_id: Identifier
    recorded_at: Time
    """The publisher's clock when it was written down."""
    revised_at: Annotated[Time, Field(default_factory=lambda data: data["recorded_at"])]
    """A later revision of an identity replaces the earlier; default recorded_at."""
    received_at: Time | None = None
    """Only from a source with the scope `backfill`: becomes ingested_at."""
    ingested_at: Time | None = None
    """Stamped by ingest, by nobody else."""
    retracted: bool = False
    leg: IgnoredLeg = 1
    mode: Mode | None = None
    location: Location | None = None
    parties: Parties | None = None
    refs: Refs | None = None
    reason: Reason | None = None

    @model_validator(mode="after")
    def _revised_after_recorded(self) -> Self:
        if self.revised_at < self.recorded_at:
            says = "revised_at is never before recorded_at"
            raise BadValue(RefusalReason.IMPLAUSIBLE_TIME, says, "revised_at")
        return self
