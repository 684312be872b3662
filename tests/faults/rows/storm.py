"""Members come and go, and one sleeps while another takes its place."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.topics import EVENTS
from tests.faults.member import Member
from tests.faults.running import Row, Run, Size
from tests.faults.topics import Reader, done_up_to
from tests.faults.world import PARTITIONS, SESSION

_GROUP = "chasqui.tracker"
_NO_PROGRESS_FOR = 60.0
_DECIDED_WITHIN = 5.0
ASSIGNED = "partitions assigned"
FENCED = "ProducerFenced"
"""In the log of a tracker."""


def storm(run: Run) -> None:
    """A guest joins or leaves every few seconds while now and then a member sleeps too long."""
    every = min(5.0, run.size.seconds / 4)
    guests: list[Member] = []
    with _progress_watched(run):
        while run.loaded:
            _come_or_go(run, guests)
            run.wait(every * 0.8, every * 1.2)
            if run.chance.random() < 0.6:
                _sleep_too_long(run, run.chance.choice(run.world.trackers[:2]))
        for guest in guests:
            run.world.remove(guest)
    start_from_the_changelog(run)


def _come_or_go(run: Run, guests: list[Member]) -> None:
    if guests and (len(guests) > 1 or run.chance.random() < 0.5):
        code = run.world.remove(guests.pop())
        run.demand(code in {0, -15}, f"a guest left with {code}")
        run.count("left")
    else:
        guests.append(run.world.add_tracker(f"tracker-guest-{time.time_ns()}"))
        guests[-1].start()
        run.count("joined")


def _sleep_too_long(run: Run, member: Member) -> None:
    """Stop it past its session, so that others have its partitions when it wakes."""
    if member.fallen() is not None:
        member.start()
    assigned, fenced = member.says(ASSIGNED), member.says(FENCED)
    member.pause()
    time.sleep(SESSION.total_seconds() * run.chance.uniform(1.4, 2.2))
    member.resume()
    run.count("slept")
    if member.ended_by_itself(_DECIDED_WITHIN):
        code = member.exits[-1].code
        run.count("fenced and stopped", member.says(FENCED) > fenced)
        run.demand(code == 1, f"{member.name} woke and ended with {code}")
        member.start()
    else:
        run.count("rejoined", member.says(ASSIGNED) > assigned)


def start_from_the_changelog(run: Run) -> None:
    """What a sleeper wrote over would show now: the changelog is all that there is."""
    for tracker in run.world.trackers:
        if tracker.up:
            tracker.kill()
        tracker.wipe()
    for tracker in run.world.trackers:
        tracker.start()
    for tracker in run.world.trackers:
        run.recovered(tracker)


@contextmanager
def _progress_watched(run: Run) -> Iterator[None]:
    """Note the longest time in which nothing was committed although there was something to do."""
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(run, over))
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()


def _watch(run: Run, over: threading.Event) -> None:
    reader = Reader(run.world.bootstrap, EVENTS.full_name, PARTITIONS)
    done_before, since, longest = -1, time.perf_counter(), 0.0
    while not over.wait(0.5):
        done = sum(done_up_to(run.world.bootstrap, _GROUP, reader.places).values())
        if done != done_before:
            done_before, since = done, time.perf_counter()
        longest = max(longest, time.perf_counter() - since)
    reader.close()
    run.findings.figures["longest s without progress"] = round(longest, 1)
    run.demand(longest < _NO_PROGRESS_FOR, f"no progress for {longest:.0f} s")


STORM = (
    Row(
        "rebalance storm",
        "no gap in any key, progress every minute; who slept too long overwrites nothing",
        storm,
        long=Size(60, 1040),
    ),
)
