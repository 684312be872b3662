"""Kafka is not there when the services start."""

import time
from pathlib import Path
from typing import Any

import orjson

from tests.faults.flowing import Flow
from tests.faults.member import PAUSE, Member
from tests.faults.running import Row, Run, Size

_ENDS_WITHIN = 10.0
_MOST_LINES = 12
"""Of one service while it waits, the libraries' own complaints with it."""
_WAITING = ("waiting for kafka", "waiting_for_kafka", "waiting_for_topics")


def start_without_broker(run: Run) -> None:
    """All wait and can be stopped; when Kafka comes, they go on without a restart."""
    world = run.world
    flow = Flow(world)
    run.wait(1, 3)
    world.add_reports()
    for member in world.members.values():
        if member.up:
            member.end()
    world.broker.stop()
    try:
        _wait_for_nobody(run, run.size.seconds / 3)
        _end_all(run)
        _wait_for_nobody(run, run.chance.uniform(1, run.size.seconds / 3))
    finally:
        world.broker.start()
    run.findings.recoveries.append(flow.seconds())
    flow.close()
    for member in world.members.values():
        run.demand(member.fallen() is None, f"{member.name} did not wait for Kafka")
    world.remove(world.members["reports"])


def _wait_for_nobody(run: Run, seconds: float) -> None:
    """Start all where there is no Kafka, and read what they have to say about it."""
    members = list(run.world.members.values())
    for member in members:
        member.log.touch()
    before = {member.name: member.log.stat().st_size for member in members}
    for member in members:
        member.start()
    until = time.perf_counter() + seconds
    for member in members:
        _await_word(run, member, before[member.name])
    while time.perf_counter() < until:
        time.sleep(PAUSE)
    for member in members:
        said = _said(member.log, before[member.name])
        waiting = [line for line in said if line.get("event") in _WAITING]
        run.count("lines said while waiting", len(said))
        run.demand(len(said) <= _MOST_LINES, f"{member.name} says {len(said)} things: {said}")
        run.demand(len(waiting) == 1, f"{member.name} says {len(waiting)} times that it waits")


def _await_word(run: Run, member: Member, since: int) -> None:
    """Wait until it has found out: starting takes its time on a busy machine."""
    began = time.perf_counter()
    while not any(line.get("event") in _WAITING for line in _said(member.log, since)):
        if time.perf_counter() - began > 30 or not member.runs:
            run.demand(False, f"{member.name} does not wait: {member.last_words()}")
            return
        time.sleep(PAUSE)


def _end_all(run: Run) -> None:
    for member in list(run.world.members.values()):
        began = time.perf_counter()
        code = member.end()
        took = time.perf_counter() - began
        run.longest("stop", took)
        run.demand(code == 0, f"{member.name} waited for Kafka and ended with {code}")
        run.demand(took < _ENDS_WITHIN, f"{member.name} took {took:.0f} s to end")


def _said(log: Path, since: int) -> list[dict[str, Any]]:
    """The sentences in a log from a place on."""
    with log.open("rb") as file:
        file.seek(since)
        found = []
        for line in file.read().splitlines():
            try:
                said = orjson.loads(line)
            except ValueError:
                said = {"event": line.decode("utf-8", "replace")}
            found.append(said)
    return found


ABSENCE = (
    Row(
        "broker absent at start",
        "all wait and say so once, SIGTERM ends them with 0, they go on when it comes",
        start_without_broker,
        short=Size(10, 130),
    ),
)
