"""The rules in force: limits in layers, by default, mode, item and commitment."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from functools import lru_cache, reduce
from types import MappingProxyType
from typing import Final

import msgspec

from schemas.rules import LimitsLayer, parse_rules
from services.tracker.core.facts import Facts
from services.tracker.core.limits import DEFAULT_LIMITS, HOUR, Limits

Layer = Mapping[str, object]
"""Limits by their names, as far as they are set."""
Layers = Mapping[str, Layer]
Place = tuple[str | None, tuple[str, ...], str | None]
"""Mode, items with a layer of their own, commitment."""

_NOTHING: Final[Layers] = MappingProxyType({})
_BY_MODE: Final[Layers] = MappingProxyType({"road": {"silent": 12 * HOUR}})
"""Where a mode differs by default (source: the delay table of the domain)."""
_MOST_REMEMBERED: Final = 4096


class RuleBook:
    """One version of the rules: which limits hold for a movement."""

    def __init__(
        self,
        version: str = "1",
        default: Limits = DEFAULT_LIMITS,
        modes: Layers = _BY_MODE,
        items: Layers = _NOTHING,
        commitments: Layers = _NOTHING,
    ) -> None:
        self.version = version
        self.default = default
        self._modes = modes
        self._items = items
        self._commitments = commitments
        self._known: dict[Place, Limits] = {}

    def limits_of(self, facts: Facts) -> Limits:
        """The limits of a movement: its mode's over the default, its items', its commitment's."""
        return self._limits_at(self._place(facts))

    def limits_of_promise(self, commitment: str) -> Limits:
        """The limits of a commitment itself: its own over the default."""
        return self._limits_at((None, (), commitment if self._commitments else None))

    def _place(self, facts: Facts) -> Place:
        items = facts.items & self._items.keys() if self._items else ()
        commitment = facts.promise if self._commitments else None
        return (facts.mode_of(facts.leg), tuple(sorted(items)), commitment)

    def _limits_at(self, place: Place) -> Limits:
        if (limits := self._known.get(place)) is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            mode, items, commitment = place
            limits = _over(self.default, self._modes.get(mode or "", {}))
            limits = _over(limits, _strictest([self._items[item] for item in items]))
            limits = _over(limits, self._commitments.get(commitment or "", {}))
            self._known[place] = limits
        return limits


DEFAULT_BOOK: Final = RuleBook()
"""The rules as long as nobody applied others."""


@lru_cache(maxsize=16)
def rulebook(toml: str) -> RuleBook:
    """The rules that a rules file sets; what it leaves out is as by default.

    Raises:
        ValueError: it is not a rules file.
    """
    file = parse_rules(toml)
    modes = dict.fromkeys(_BY_MODE, LimitsLayer()) | {str(m): said for m, said in file.mode.items()}
    return RuleBook(
        file.version,
        _over(DEFAULT_LIMITS, _layer(file.default)),
        {mode: {**_BY_MODE.get(mode, {}), **_layer(said)} for mode, said in modes.items()},
        _layers(file.item),
        _layers(file.commitment),
    )


def _layers(said: Mapping[str, LimitsLayer]) -> dict[str, dict[str, object]]:
    return {name: _layer(layer) for name, layer in said.items()}


def _layer(said: LimitsLayer) -> dict[str, object]:
    return said.model_dump(exclude_none=True)


def _over(limits: Limits, layer: Layer) -> Limits:
    """The limits with what the layer sets; of holds it names only the reasons that differ."""
    if not layer:
        return limits
    below: dict[str, object] = {each.name: getattr(limits, each.name) for each in fields(limits)}
    reasons = layer.get("held_reasons")
    own = {"held_reasons": {**limits.held_reasons, **reasons}} if isinstance(reasons, dict) else {}
    return msgspec.convert({**below, **layer, **own}, Limits)


def _strictest(layers: Sequence[Layer]) -> Layer:
    """Of each limit the shortest that one of them sets; a share is stricter the larger it is."""
    return reduce(_stricter, layers, {})


def _stricter(one: Layer, other: Layer) -> Layer:
    both = {name: _smaller(one[name], other[name]) for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def _smaller(one: object, other: object) -> object:
    match one, other:
        case timedelta(), timedelta():
            return min(one, other)
        case int(), int():
            return max(one, other)
        case _:
            return other
