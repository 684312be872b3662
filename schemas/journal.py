"""The journal's own records, which other readers ignore."""

from typing import Literal

from schemas.contract import Contract
from schemas.fields import Time


class Tick(Contract):
    """Business time has reached `at` in this partition; its key is null."""

    type: Literal["tick"]
    at: Time
