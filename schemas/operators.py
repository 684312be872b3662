"""The operators' words: what a source says only under the scope `operator`, each with a note."""

from typing import Literal, Self

from pydantic import model_validator

from schemas.contract import Contract
from schemas.envelope import Parties
from schemas.fields import Time
from schemas.lines import SomeItemLines, demand_people
from schemas.numbers import Leg
from schemas.said import FactOfMovement
from schemas.texts import ContentHash, Identifier, Note, Publisher
from schemas.values import BadValue
from schemas.vocabulary import (
    LEGGED,
    AcceptableDelay,
    CountedType,
    Milestone,
    RefusalReason,
    ResolvableDoubt,
)


class OperatorsWord(FactOfMovement):
    """A decision about a movement; it is no contact with it."""

    note: Note


class Rebaselined(OperatorsWord):
    """An operator's word: this milestone is due then."""

    type: Literal["rebaselined"]
    milestone: Milestone
    leg: Leg = 1
    at: Time

    @model_validator(mode="after")
    def _leg_of_the_milestone(self) -> Self:
        if self.milestone not in LEGGED:
            self.__dict__["leg"] = 1
        return self


class DiscrepancyAccepted(OperatorsWord):
    """An operator's word: what is short, damaged or absent so far is accepted."""

    type: Literal["discrepancy_accepted"]
    delay: AcceptableDelay


class Choice(Contract):
    """Whose reports of a type count, or which content of one of them."""

    publisher: Publisher
    type: CountedType | None = None
    """Of a possible duplicate."""
    event_id: Identifier | None = None
    """Of a conflict, as is `content`."""
    content: ContentHash | None = None


_TOLD_OF = {"possible_duplicate": {"type"}, "conflict": {"event_id", "content"}}


class Preferred(OperatorsWord):
    """An operator's word: of reports that cannot all be true, these count."""

    type: Literal["preferred"]
    doubt: ResolvableDoubt
    counts: Choice

    @model_validator(mode="after")
    def _names_what_counts(self) -> Self:
        for name in ("type", "event_id", "content"):
            told = getattr(self.counts, name) is not None
            if told != (name in _TOLD_OF[self.doubt]):
                reason = RefusalReason.BAD_CODE if told else RefusalReason.MISSING_FIELD
                says = f"counts.{name} is {'not told' if told else 'needed'} of a {self.doubt}"
                raise BadValue(reason, says, f"counts.{name}")
        return self


class Ownership(Parties):
    """Who owns the subject from now on, and perhaps who has it in custody."""

    owner: Publisher


class Adopted(OperatorsWord):
    """An operator's word: what nobody registered is somebody's; any registration beats it."""

    type: Literal["adopted"]
    parties: Ownership
    lines: SomeItemLines = ()
    """Without them it has no ledger."""
    legs: Leg | None = None

    @model_validator(mode="after")
    def _people_are_counted_as_people(self) -> Self:
        if self.kind == "deployment":
            demand_people(self.lines)
        return self


class Reopened(OperatorsWord):
    """An operator's word: what was said to end it until then does not; quantities stand."""

    type: Literal["reopened"]
