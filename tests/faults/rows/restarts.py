"""Everything stops and starts again: in good order and quickly, or all at once."""

import threading
import time

import httpx

from tests.faults.member import Member
from tests.faults.running import Row, Run

_ASSIGNED = "partitions assigned"
_NOT_YET_LISTENING = (0, -15)
"""A process that is told to stop before it has set itself up dies of the signal."""


def restart_quickly(run: Run) -> None:
    """Bursts in which both trackers are stopped and started again as fast as they can be."""
    before = _assignments(run)
    while run.loaded:
        for _ in range(run.chance.randint(2, 4)):
            for tracker in run.chance.sample(run.world.trackers, 2):
                _term(run, tracker)
                run.wait(0, 0.3)
        for tracker in run.world.trackers:
            run.recovered(tracker)
        run.wait(0, 2)
    run.count("assignments", _assignments(run) - before)


def _term(run: Run, tracker: Member) -> None:
    began = time.perf_counter()
    code = tracker.end()
    tracker.start()
    run.count("SIGTERMs")
    run.demand(code in _NOT_YET_LISTENING, f"{tracker.name} ended with {code} after SIGTERM")
    run.demand(time.perf_counter() - began < 15, f"{tracker.name} took long to stop")


def _assignments(run: Run) -> int:
    return sum(tracker.says(_ASSIGNED) for tracker in run.world.trackers)


def kill_all(run: Run) -> None:
    """Every service is killed at once and started in any order, some of them on an empty disk."""
    while run.loaded:
        run.wait(1, 4)
        members = list(run.world.members.values())
        for member in members:
            member.kill()
        run.count("times")
        run.chance.shuffle(members)
        watches = [threading.Thread(target=_start, args=(run, member)) for member in members]
        for watch in watches:
            watch.start()
            time.sleep(run.chance.uniform(0, 1))
        for watch in watches:
            watch.join()


def _start(run: Run, member: Member) -> None:
    """Start it and look at it until it is ready: it must not say so before its states are there."""
    if member is not run.world.edge and run.chance.random() < 0.5:
        member.wipe()
    member.start()
    began = time.perf_counter()
    while not _says_ready(run, member):
        if time.perf_counter() - began > 60:
            run.demand(False, f"{member.name} is not ready after 60 s")
            return
        time.sleep(0.02)
    run.findings.recoveries.append(time.perf_counter() - began)


def _says_ready(run: Run, member: Member) -> bool:
    """Its answer; wrong where it says so although a partition is not recovered."""
    try:
        answer = httpx.get(f"{member.url}/readyz", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    if not answer.is_success:
        run.count("answers not ready")
        return False
    partitions = answer.json().get("partitions", {})
    behind = {n: own for n, own in partitions.items() if own["recovered"] < own["to_recover"]}
    run.demand(not behind, f"{member.name} says that it is ready with {behind}")
    return True


RESTARTS = (
    Row(
        "quick restarts",
        "SIGTERM and start again, several rebalances within a second",
        restart_quickly,
    ),
    Row(
        "all killed at once",
        "started in any order; none is ready before its states are recovered",
        kill_all,
    ),
)
