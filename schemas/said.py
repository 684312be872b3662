"""What stands behind every event that is not taken back: a moment, and how sure it is."""

from typing import Literal, Self

from pydantic import model_validator

from schemas.canonical import derived_event_id
from schemas.envelope import Envelope
from schemas.fields import Standing, Time
from schemas.vocabulary import Classifier, MovementKind


class Said(Envelope):
    """An event that stands: it has a moment and a classifier."""

    retracted: Standing = False
    classifier: Classifier
    occurred_at: Time
    """When it happened or is foreseen."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.event_id:
            # Frozen for everyone else: an identity that was left out follows from the content.
            self.__dict__["event_id"] = derived_event_id(self)
            self.model_fields_set.add("event_id")
        return self


class Fact(Said):
    """An event that can only have happened."""

    classifier: Literal["actual"]


class OfMovement(Said):
    """An event of a shipment or a deployment, planned, estimated or actual."""

    kind: MovementKind


class FactOfMovement(Fact):
    """An event of a shipment or a deployment that can only have happened."""

    kind: MovementKind
