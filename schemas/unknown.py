"""The fields that a source wrote and the contract does not know: ignored, but counted."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from schemas.events import MODELS, Event
from schemas.retraction import Retraction

_ALSO_KNOWN: Final = frozenset({"retract_reason"})


def unknown_fields(raw: Mapping[str, object], event: Event) -> tuple[str, ...]:
    """The dotted names of what was ignored, each once: `parties.driver`, `lines.colour`.

    `raw` is the parsed JSON of which `event` was made. Count the length; never make a metric's
    label of a name, since the source chooses it. A retraction may carry what its type knows.
    """
    names: dict[str, None] = {}
    known = _ALSO_KNOWN
    if isinstance(event, Retraction):
        known |= MODELS[event.type].model_fields.keys()
    for name, value in raw.items():
        if name in type(event).model_fields:
            names |= dict.fromkeys(_within(value, getattr(event, name), name))
        elif name not in known:
            names[name] = None
    return tuple(names)


def _within(raw: object, read: object, path: str) -> Iterator[str]:
    if isinstance(read, BaseModel) and isinstance(raw, Mapping):
        for name, value in raw.items():
            if name in type(read).model_fields:
                yield from _within(value, getattr(read, name), f"{path}.{name}")
            else:
                yield f"{path}.{name}"
    elif isinstance(read, tuple) and isinstance(raw, list):
        for raw_entry, entry in zip(raw, read, strict=True):
            yield from _within(raw_entry, entry, path)
