"""The fields that a source wrote and the contract does not know: ignored, but counted."""

from collections.abc import Mapping
from functools import cache
from typing import Final, get_args

from pydantic import BaseModel

from schemas.events import MODELS, Event
from schemas.retraction import Retraction

_ALSO_KNOWN: Final = frozenset({"retract_reason"})


def unknown_fields(raw: Mapping[str, object], event: Event) -> tuple[str, ...]:
    """The dotted names of what was ignored, each once: `parties.driver`, `lines.colour`.

    `raw` is the parsed JSON of which `event` was made. Count the length; never make a metric's
    label of a name, since the source chooses it. A retraction may carry what its type knows.
    """
    if _all_read(raw, event) and "event_id" in raw:
        return ()
    names = dict.fromkeys(_ignored(raw, event, ""))
    known = _ALSO_KNOWN
    if isinstance(event, Retraction):
        known |= MODELS[event.type].model_fields.keys()
    return tuple(name for name in names if name not in known)


def _all_read(raw: Mapping[str, object], read: BaseModel) -> bool:
    """Whether each field was read, here and in the parts, unless one was derived."""
    # What was read was written: as many of both are the same ones.
    if len(raw) != len(read.__pydantic_fields_set__):
        return False
    values = read.__dict__
    for part in _parts(type(read)):
        said = raw.get(part)
        if isinstance(said, dict) and not _all_read(said, values[part]):
            return False
        if isinstance(said, list) and not all(map(_all_read, said, values[part])):
            return False
    return True


def _ignored(raw: Mapping[str, object], read: BaseModel, path: str) -> list[str]:
    model, values = type(read), vars(read)
    names: list[str] = []
    if raw.keys() != read.model_fields_set:
        names += [path + name for name in raw if name not in model.model_fields]
    for part in _parts(model):
        said, inner = raw.get(part), f"{path}{part}."
        if isinstance(said, dict):
            names += _ignored(said, values[part], inner)
        elif isinstance(said, list):
            for entry, read_entry in zip(said, values[part], strict=True):
                names += _ignored(entry, read_entry, inner)
    return names


@cache
def _parts(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model that hold models."""
    return tuple(
        name for name, field in model.model_fields.items() if _holds_models(field.annotation)
    )


def _holds_models(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_holds_models(each) for each in get_args(annotation))
