"""The words that move quantities: handed over, confirmed, lost, split, merged."""

from typing import Literal, Self

from pydantic import model_validator

from schemas.lines import Children, HandOverLines, QuantityLines
from schemas.said import FactOfMovement, OfMovement
from schemas.texts import Identifier
from schemas.values import BadValue
from schemas.vocabulary import RefusalReason


class HandedOver(OfMovement):
    """Custody to the recipient; the planned one is the due date."""

    type: Literal["handed_over"]
    event_id: Identifier
    lines: HandOverLines = ()
    closed: bool = False
    """No more will follow."""

    @model_validator(mode="after")
    def _an_actual_says_what(self) -> Self:
        if self.classifier == "actual" and not self.lines:
            says = "an actual hand-over says what was accepted of each line"
            raise BadValue(RefusalReason.MISSING_FIELD, says, "lines")
        return self


class Confirmed(FactOfMovement):
    """The recipient's own word."""

    type: Literal["confirmed"]
    lines: HandOverLines = ()


class Lost(FactOfMovement):
    """Lines written off; people unaccounted for or evacuated."""

    type: Literal["lost"]
    event_id: Identifier
    lines: QuantityLines


class Split(FactOfMovement):
    """Quantities that go on under subjects of their own."""

    type: Literal["split"]
    event_id: Identifier
    children: Children

    @model_validator(mode="after")
    def _not_into_itself(self) -> Self:
        for place, child in enumerate(self.children):
            if child.subject_id == self.subject_id:
                says = "a subject is not its own child"
                raise BadValue(RefusalReason.BAD_CODE, says, f"children.{place}.subject_id")
        return self


class Merged(FactOfMovement):
    """Quantities that go on under another subject."""

    type: Literal["merged"]
    event_id: Identifier
    into: Identifier
    lines: QuantityLines

    @model_validator(mode="after")
    def _not_into_itself(self) -> Self:
        if self.into == self.subject_id:
            says = "a subject is not merged into itself"
            raise BadValue(RefusalReason.BAD_CODE, says, "into")
        return self
