"""A tracker falls asleep in the middle of a commit and wakes when another has its partitions."""

import time

from services.runtime.failpoints import Point
from tests.faults.member import PAUSE, Member
from tests.faults.rows.points import say_more
from tests.faults.rows.storm import ASSIGNED, FENCED, start_from_the_changelog
from tests.faults.running import Row, Run
from tests.faults.world import PARTITIONS

_BEFORE_ITS_COMMIT = (Point.TRANSACTION_OPEN, Point.RECORDS_SENT, Point.OFFSETS_ADDED)
_PASSINGS = 20
_TAKEN_OVER_WITHIN = 30.0
_DECIDED_WITHIN = 10.0


def sleep_in_a_commit(run: Run) -> None:
    """With records sent and nothing committed, or committed and not yet on its disk."""
    slept = 0
    while run.loaded:
        run.wait(0, 1)
        slept += _one_sleeps(run, run.chance.randint(1, _PASSINGS))
    if not slept:
        slept += _one_sleeps(run, 1, more_words=True)
    run.count("slept in a commit", slept)
    run.demand(slept > 0, "nobody ever slept in a commit")
    start_from_the_changelog(run)


def _one_sleeps(run: Run, nth: int, *, more_words: bool = False) -> bool:
    """Whether one slept at that passing of a point; on a slow machine the load may be over."""
    sleeper, other = run.chance.sample(run.world.trackers, 2)
    point = run.chance.choice([*_BEFORE_ITS_COMMIT, *_BEFORE_ITS_COMMIT, Point.COMMITTED])
    sleeper.kill()
    sleeper.start(CHASQUI_FAILPOINT=f"{point}:{nth}:stop")
    if more_words:
        say_more(run)
    slept = sleeper.fell_asleep()
    if slept:
        _await_successor(run, other)
        time.sleep(run.chance.uniform(0, 2))  # so that it has more to write over
        sleeper.resume()
        _see_it_fenced(run, sleeper, point)
    sleeper.kill()
    sleeper.start()
    run.recovered(sleeper)
    return slept


def _await_successor(run: Run, other: Member) -> None:
    until = time.perf_counter() + _TAKEN_OVER_WITHIN
    while time.perf_counter() < until:
        if sum(other.partitions().values()) == PARTITIONS:
            return
        time.sleep(PAUSE)
    run.demand(False, f"{other.name} did not take over: {other.partitions()}")


def _see_it_fenced(run: Run, sleeper: Member, point: Point) -> None:
    """What it was about to commit must never be; it stops, or it begins anew as a member."""
    assigned, fenced = sleeper.says(ASSIGNED), sleeper.says(FENCED)
    if sleeper.ended_by_itself(_DECIDED_WITHIN):
        code = sleeper.exits[-1].code
        run.count("fenced and stopped", sleeper.says(FENCED) > fenced)
        run.demand(code == 1, f"{sleeper.name} woke at {point} and ended with {code}")
        run.demand(sleeper.says(ASSIGNED) == assigned, f"{sleeper.name} opened more when it fell")
        sleeper.start()
        return
    run.count("rejoined")
    run.demand(sleeper.says(ASSIGNED) > assigned, f"{sleeper.name} woke and is no member")
    run.demand(point not in _BEFORE_ITS_COMMIT, f"{sleeper.name} goes on after {point}")


SLEEPER = (
    Row(
        "asleep in a commit",
        "who wakes in its transaction when another took over is fenced and stops; "
        "it overwrites nothing",
        sleep_in_a_commit,
    ),
)
