"""Taking an event back: the one record that is alike for every type."""

from typing import Literal, Self

from pydantic import model_validator

from schemas.envelope import Envelope
from schemas.fields import Time
from schemas.numbers import Leg
from schemas.texts import Identifier
from schemas.values import BadValue
from schemas.vocabulary import LEGGED, Classifier, EventType, RefusalReason, RetractReason


class Retraction(Envelope):
    """An event is taken back; nothing is ever deleted."""

    type: EventType
    event_id: Identifier
    retracted: Literal[True]
    retract_reason: RetractReason
    leg: Leg = 1
    classifier: Classifier | None = None
    occurred_at: Time | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        promise = self.type == "committed"
        if self.type != "cancelled" and (self.kind == "commitment") != promise:
            says = f"{self.type} is not said of a {self.kind}"
            raise BadValue(RefusalReason.BAD_CODE, says, "kind")
        if self.type not in LEGGED and self.type != "rebaselined":
            self.__dict__["leg"] = 1
        return self
