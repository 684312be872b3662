"""One contestant's turn, and what its marks say."""

import json
import os
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

from services.runtime.topics import TopicSpec, create_topics
from tests.benchmarks.measure import pinned
from tests.benchmarks.peers import safe
from tests.benchmarks.peers.contestants import ROOT, Contestant
from tests.benchmarks.peers.events import PARTITIONS, Expected
from tests.benchmarks.peers.heat import Heat

SLICE = 100_000
"""Events of the first and of the last slice."""
PATIENCE_SECONDS = 400


class Mark(TypedDict):
    """What a contestant printed."""

    events: int
    wall: float
    cpu: float
    peak: int


class FailedError(Exception):
    """A contestant did not come to its end."""


@dataclass(frozen=True)
class Figures:
    """What one turn cost; the last slice is the one to compare: by then all are warm."""

    per_second: float
    cpu_per_100k: float
    cold_cpu_per_100k: float
    start_cpu: float
    peak_mb: float
    wrong: str
    curve: list[float]
    """CPU seconds per 100,000 events from mark to mark: whoever is warm no longer falls."""


def run(contestant: Contestant, heat: Heat, expected: Expected) -> Figures:
    """Let it handle its events on the core of the measured, then look whether all is there."""
    create_topics(heat.kafka, [TopicSpec(heat.alerts, PARTITIONS)])
    marks = _marks(contestant, heat)
    states = safe.decoded(contestant.states(heat))
    return _figures(marks, safe.wrong(states, contestant.alerts(heat), expected))


def _marks(contestant: Contestant, heat: Heat) -> list[Mark]:
    log = heat.folder.with_suffix(".log")
    with log.open("wb") as output:
        subprocess.run(
            pinned([*contestant.command, *heat.arguments]),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
            check=False,
        )
    lines = log.read_text(errors="replace").splitlines()
    marks: list[Mark] = [json.loads(line) for line in lines if line.startswith('{"events"')]
    if not marks or marks[-1]["events"] != heat.events:
        said = "\n".join(lines[-20:])
        raise FailedError(f"{heat.name} did not come to its end:\n{said}")
    return marks


def _figures(marks: list[Mark], wrong: str) -> Figures:
    first, last = marks[0], marks[-1]
    cold = next((mark for mark in marks if mark["events"] >= SLICE), last)
    warm = [mark for mark in marks if mark["events"] <= last["events"] - SLICE]
    before = warm[-1] if warm else first
    events = last["events"] - before["events"]
    return Figures(
        per_second=events / (last["wall"] - before["wall"]),
        cpu_per_100k=(last["cpu"] - before["cpu"]) / events * SLICE,
        cold_cpu_per_100k=(cold["cpu"] - first["cpu"]) / cold["events"] * SLICE,
        start_cpu=first["cpu"],
        peak_mb=last["peak"] / 1e6,
        wrong=wrong,
        curve=[
            (after["cpu"] - mark["cpu"]) / (after["events"] - mark["events"]) * SLICE
            for mark, after in pairwise(marks)
        ],
    )


def heat_of(contestant: Contestant, number: int, kafka: str, events: int, folder: Path) -> Heat:
    """The turn of a contestant in a round."""
    name = f"{contestant.name}-{number}"
    count = max(1, int(events * contestant.share))
    return Heat(kafka, name, topic_of(count), count, folder / name)


def topic_of(events: int) -> str:
    """The topic that holds so many events."""
    return f"events-{events}"
