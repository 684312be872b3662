"""The sink that needs no set-up: a readable line, the sentence first."""

import asyncio
import sys
from typing import TextIO

import msgspec
from msgspec import Struct

from services.alerts.settings import AlertsSettings
from services.alerts.sinks.sink import Answer
from services.runtime.clock import Clock
from services.runtime.processor import Call


class Said(Struct, frozen=True):
    """The part of an alert that a line shows."""

    sentence: str
    severity: str
    delay: str
    kind: str | None = None
    subject_id: str | None = None
    country: str | None = None
    because: str | None = None


class Message(Struct, frozen=True):
    """A message to an edge sink."""

    type: str
    audience: str
    data: Said


class LogSink:
    """Writes one line for each message, in order."""

    def __init__(self, stream: TextIO) -> None:
        """`stream` takes the lines."""
        self._stream = stream
        self._turn = asyncio.Lock()

    async def take(self, call: Call) -> Answer:
        """Write the line; to be tried again where the stream is full or broken."""
        async with self._turn:
            try:
                await asyncio.to_thread(self._write, line(call.body))
            except OSError as error:
                return Answer("retry", detail=type(error).__name__)
        return Answer("ok")

    async def close(self) -> None:
        """Nothing to release: the stream is not its own."""

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


def line(body: bytes) -> str:
    """A message as one line: the sentence, then in brackets what happened, how grave, to what."""
    said = msgspec.json.decode(body, type=Message)
    data = said.data
    happened = said.type.rpartition(".")[2] + (f": {data.because}" if data.because else "")
    about = f"{data.kind}/{data.subject_id}" if data.subject_id else data.country or ""
    tags = f"{happened} | {data.severity} | {data.delay} | {about} | {said.audience}"
    return "".join(c if c.isprintable() else " " for c in f"{data.sentence} [{tags}]")


def to_stdout(settings: AlertsSettings, clock: Clock) -> LogSink:
    """The sink on standard output."""
    del settings, clock
    return LogSink(sys.stdout)
