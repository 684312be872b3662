"""States as bytes."""

from typing import Generic, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class StructCodec(Generic[S]):
    """A state to MessagePack and back; unknown fields are ignored, absent ones defaulted."""

    def __init__(self, kind: type[S]) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def encode(self, state: S) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> S:
        return self._decoder.decode(data)
