"""Who sends, and what it may say: a forged hand-over would silence an alert."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

EVERYTHING = "*"


class Scope(StrEnum):
    """A right beyond speaking for publishers."""

    OPERATOR = "operator"
    """May say the operators' words (`schemas/operators.py`), and read and acknowledge alerts."""
    ALERTS = "alerts"
    """May read alerts."""
    BACKFILL = "backfill"
    """May say when an event was received, for history from another system."""


@dataclass(frozen=True)
class Source:
    """A field system with a key: the publishers, kinds and types it may speak for, and its scopes.

    `publishers` are codes, prefixes ending in `*`, or `*` alone; `kinds` and `types` names or `*`.
    Without publishers it says nothing of subjects: a key for people's tools.
    """

    key_id: str
    publishers: tuple[str, ...]
    kinds: tuple[str, ...] = (EVERYTHING,)
    types: tuple[str, ...] = (EVERYTHING,)
    scopes: frozenset[Scope] = frozenset()

    def speaks_for(self, publisher: str) -> bool:
        return publisher in self.publishers or publisher.startswith(self._prefixes)

    def may_say_kind(self, kind: str) -> bool:
        return kind in self.kinds or EVERYTHING in self.kinds

    def may_say_type(self, event_type: str) -> bool:
        return event_type in self.types or EVERYTHING in self.types

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(p.removesuffix(EVERYTHING) for p in self.publishers if p.endswith(EVERYTHING))
