"""What a contestant is given to do, and how it says how far it is."""

import json
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple, Self

STEP = 50_000
"""Events between two marks."""


class Heat(NamedTuple):
    """One contestant's turn: handle so many events of a topic, make everything safe, end."""

    kafka: str
    name: str
    """Of this turn; what the contestant names in Kafka begins with it."""
    topic: str
    events: int
    folder: Path
    """For what is kept on disk."""

    @classmethod
    def given(cls) -> Self:
        """The one on the command line."""
        kafka, name, topic, events, folder = sys.argv[1:]
        return cls(kafka, name, topic, int(events), Path(folder))

    @property
    def arguments(self) -> list[str]:
        """As `given` reads them."""
        return [str(each) for each in self]

    @property
    def alerts(self) -> str:
        """The topic for what is told on."""
        return f"{self.name}.alerts"


class Marks:
    """Prints wall and CPU seconds before the first event, each 50,000 events, and at the end."""

    def __init__(self, events: int) -> None:
        self._events = events
        self._count = 0

    def before(self) -> None:
        """Just before an event is handled."""
        if self._count % STEP == 0:
            self._mark()

    def after(self) -> bool:
        """When it is handled; answers whether it was the last one."""
        self._count += 1
        if self._count == self._events:
            self._mark()
        return self._count == self._events

    def _mark(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        said = {"events": self._count, "wall": wall, "cpu": cpu, "peak": _peak()}
        # Past sys.stdout, which Faust turns into a log.
        os.write(1, json.dumps(said).encode() + b"\n")


def _peak() -> int:
    """The most that this process ever had in memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024
