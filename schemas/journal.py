"""The journal's own records, which other readers ignore."""

from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.contract import Contract
from schemas.fields import Time
from schemas.texts import Identifier
from schemas.vocabulary import MovementKind

BROADCAST: Final = frozenset({"tick", "rules"})
"""Records that are written to every partition alike, or to one as it is; their key is null."""


class Tick(Contract):
    """Business time has reached `at` in this partition; its key is null."""

    type: Literal["tick"]
    at: Time


class Rules(Contract):
    """From here on delays are judged by these rules; in every partition, its key is null."""

    type: Literal["rules"]
    at: Time
    version: Identifier
    toml: str
    """The rules file as it was applied."""


class Terms(Contract):
    """By when, and within which limits, a movement is to keep what a promise or a split says.

    Of each source the largest `seq` holds.
    """

    type: Literal["terms"]
    at: Time
    """The partition time of whoever sent it."""
    kind: MovementKind
    subject_id: str
    source: str
    """`commitment/<id>`, or `kind/subject_id` of the movement that was split."""
    seq: Annotated[int, Field(ge=1)]
    due_at: Time | None
    """When all is to be handed over; a plan of the movement's own goes before it."""
    limits: dict[str, timedelta]
    """Limits of the rules by their names, over those of kind and mode."""
    withdrawn: bool
    """The source says nothing of it any more."""
