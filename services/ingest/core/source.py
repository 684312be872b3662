"""Who sends, and what it may say: a forged hand-over would silence an alert."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

EVERYTHING = "*"


class Scope(StrEnum):
    """A right beyond speaking for publishers."""

    OPERATOR = "operator"
    """May say the operators' words: rebaselined, discrepancy_accepted."""
    BACKFILL = "backfill"
    """May say when an event was received, for history from another system."""


@dataclass(frozen=True, slots=True)
class Source:
    """A field system with a key: the publishers, kinds and types it may speak for, and its scopes.

    `publishers` are codes, prefixes ending in `*`, or `*` alone; `kinds` and `types` names or `*`.
    """

    key_id: str
    publishers: tuple[str, ...]
    kinds: tuple[str, ...] = (EVERYTHING,)
    types: tuple[str, ...] = (EVERYTHING,)
    scopes: frozenset[Scope] = frozenset()

    def speaks_for(self, publisher: str) -> bool:
        return any(_matches(pattern, publisher) for pattern in self.publishers)

    def may_say_kind(self, kind: str) -> bool:
        return _names(self.kinds, kind)

    def may_say_type(self, event_type: str) -> bool:
        return _names(self.types, event_type)


def _matches(pattern: str, publisher: str) -> bool:
    if pattern.endswith(EVERYTHING):
        return publisher.startswith(pattern.removesuffix(EVERYTHING))
    return publisher == pattern


def _names(allowed: Iterable[str], name: str) -> bool:
    return any(entry in (EVERYTHING, name) for entry in allowed)
