"""The journal's own records, which other readers ignore."""

from typing import Final, Literal

from schemas.contract import Contract
from schemas.fields import Time
from schemas.texts import Identifier

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
