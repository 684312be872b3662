"""What a service runs: its processors, what they read and how their time moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.runtime.processor import Join, Processor

Observe = Callable[[str, Any, Any], None]
"""Told (processor name, state before, state after) of every change; for counters and gauges."""


@dataclass(frozen=True)
class Job:
    """One service's stateful work, the same for the engine and the in-memory driver.

    `journal` is the input topic whose records carry the partition's time in their header `at`;
    None means that time is wall time. All inputs have the same number of `partitions`.
    `quarantine` receives what could not be handled. `broadcast` hears the journal's records without
    a key, which are written to every partition alike; its one state is what all others share.
    `joins` says for each topic that is written in parts how they become one record.
    """

    name: str
    processors: tuple[Processor[Any], ...]
    partitions: int
    quarantine: str
    journal: str | None = None
    observe: Observe | None = None
    broadcast: Processor[Any] | None = None
    joins: Mapping[str, Join] = field(default_factory=dict)

    @property
    def group(self) -> str:
        return f"chasqui.{self.name}"

    @property
    def changelog(self) -> str:
        return f"{self.group}.changelog"

    def writer(self, number: int) -> str:
        """The transactional id under which a partition's results are written."""
        return f"{self.group}-{number}"

    @property
    def all_processors(self) -> tuple[Processor[Any], ...]:
        """Whose states are kept: the broadcast one's too."""
        return self.processors if self.broadcast is None else (*self.processors, self.broadcast)

    @cached_property
    def readers(self) -> dict[str, tuple[Processor[Any], ...]]:
        """The processors of each input topic, in the job's order."""
        topics = sorted({topic for each in self.processors for topic in each.topics})
        readers = {
            topic: tuple(each for each in self.processors if topic in each.topics)
            for topic in topics
        }
        if self.journal is not None:
            readers.setdefault(self.journal, ())
        return readers

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.readers)
