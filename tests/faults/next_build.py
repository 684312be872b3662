"""The tracker of a later build, whose stored state has one more field.

`python -m tests.faults.next_build` runs it.
"""

from typing import Any

from msgspec import msgpack

from services.tracker import processors
from services.tracker.__main__ import main
from services.tracker.codec import StructCodec
from services.tracker.core.movement import Movement

ADDED = "what only the next build knows"


class NextMovement(Movement, frozen=True):
    """A movement as a later build may store it: a new field is the last, and has a default."""

    added: str = ""


class NextCodec:
    """Writes the field with every movement that it stores; reads movements of before without it."""

    def __init__(self) -> None:
        self._encoder = msgpack.Encoder()
        self._decoder = msgpack.Decoder(NextMovement)

    def encode(self, state: Movement) -> bytes:
        fields = {name: getattr(state, name) for name in Movement.__struct_fields__}
        return self._encoder.encode(NextMovement(**fields, added=ADDED))

    def decode(self, data: bytes) -> NextMovement:
        return self._decoder.decode(data)


def _codec(kind: type[Any]) -> NextCodec | StructCodec[Any]:
    return NextCodec() if kind is Movement else StructCodec(kind)


if __name__ == "__main__":
    processors.StructCodec = _codec  # type: ignore[assignment, misc]
    main()
