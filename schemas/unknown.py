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
    names = dict.fromkeys(_ignored(raw, event, ""))
    if not names:
        return ()
    known = _ALSO_KNOWN
    if isinstance(event, Retraction):
        known |= MODELS[event.type].model_fields.keys()
    return tuple(name for name in names if name not in known)


def _ignored(raw: Mapping[str, object], read: BaseModel, path: str) -> Iterator[str]:
    written, values = read.model_fields_set, vars(read)
    for name, value in raw.items():
        if name not in written and name not in type(read).model_fields:
            yield path + name
        elif isinstance(value, (dict, list)):
            yield from _within(value, values[name], path + name)


def _within(raw: object, read: object, path: str) -> Iterator[str]:
    if isinstance(raw, dict) and isinstance(read, BaseModel):
        yield from _ignored(raw, read, f"{path}.")
    elif isinstance(raw, list) and isinstance(read, tuple):
        for raw_entry, entry in zip(raw, read, strict=True):
            yield from _within(raw_entry, entry, path)
