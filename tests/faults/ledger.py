"""What is to be sent, what must follow from it, and what was acknowledged: on disk before it is so.

NDJSON, append-only: each `expected` first, each `sent` before its request, each `acknowledged`
after the answer. Who checks reads the file and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import orjson

from tests.faults.shipments import Expected, Promised
from tests.support.telling import Json

Identity = tuple[str, str, str, str]
"""Whose event, which, of what, in which version."""


def identity_of(event: Mapping[str, object]) -> Identity:
    """How an event is known again in the journal."""
    version = str(event.get("revised_at") or event["recorded_at"])
    if event.get("retracted"):
        version = "retracted"
    return str(event["publisher"]), str(event["event_id"]), str(event["subject_id"]), version


class Writer:
    """Appends to a ledger; every line is with the operating system when a method returns."""

    def __init__(self, path: Path, seed: int) -> None:
        self._file = path.open("xb")
        self._seed = seed
        self._number = 0

    def expect(self, expected: Iterable[Expected]) -> None:
        """What must be true in the end; before anything is sent."""
        self._write({"expected": asdict(each)} for each in expected)

    def promise(self, promised: Iterable[Promised]) -> None:
        """What must have been handed over in the end; before anything is sent."""
        self._write({"promised": asdict(each)} for each in promised)

    def send(self, events: Sequence[Json]) -> list[int]:
        """Note what is about to be sent; answers its order numbers."""
        numbers = list(range(self._number, self._number + len(events)))
        self._number += len(events)
        self._write(
            {"sent": number, "seed": self._seed, "subject": event["subject_id"], "event": event}
            for number, event in zip(numbers, events, strict=True)
        )
        return numbers

    def acknowledge(self, numbers: Iterable[int]) -> None:
        """Those were answered with 202 and `accepted`."""
        self._write({"acknowledged": number} for number in numbers)

    def refuse(self, number: int, why: str) -> None:
        """It was answered, and not accepted."""
        self._write([{"refused": number, "why": why}])

    def close(self) -> None:
        self._file.close()

    def _write(self, lines: Iterable[Json]) -> None:
        self._file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        self._file.flush()


@dataclass
class Ledger:
    """A ledger as it was read."""

    expected: list[Expected] = field(default_factory=list)
    promised: list[Promised] = field(default_factory=list)
    sent: dict[int, Json] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    refused: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        ledger = cls()
        for line in path.read_bytes().splitlines():
            ledger._take(orjson.loads(line))
        return ledger

    def identities(self) -> dict[int, Identity]:
        """Of what was acknowledged, by order number."""
        return {number: identity_of(self.sent[number]) for number in self.acknowledged}

    def _take(self, said: dict[str, object]) -> None:
        match said:
            case {"expected": dict(it)}:
                self.expected.append(Expected(**{**it, "delays": tuple(it["delays"])}))
            case {"promised": dict(it)}:
                self.promised.append(Promised(**it))
            case {"sent": int(number), "event": dict(event)}:
                self.sent[number] = event
            case {"acknowledged": int(number)}:
                self.acknowledged.add(number)
            case {"refused": int(number), "why": str(why)}:
                self.refused[number] = why
            case _:
                raise ValueError(f"not a line of a ledger: {said}")
