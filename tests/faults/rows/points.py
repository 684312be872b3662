"""kill -9 between any two steps of what makes a result safe, by the failpoints of the runtime."""

from functools import partial

from services.runtime.failpoints import Point
from tests.faults.member import Member
from tests.faults.running import Row, Run, Size

_MOST_PASSINGS = {Point.REBALANCE: 2, Point.RECOVERY: 2, Point.CALL_MADE: 10}
_PASSINGS = 25


def kill_at(point: Point, run: Run) -> None:
    """Let a process end itself at a random passing of the point, then start it as usual."""
    deaths = 0
    while run.loaded:
        run.wait(0, 1)
        victim = _victim(point, run)
        victim.kill()
        if point is Point.RECOVERY or run.chance.random() < 0.3:
            victim.wipe()
        nth = run.chance.randint(1, _MOST_PASSINGS.get(point, _PASSINGS))
        victim.start(CHASQUI_FAILPOINT=f"{point}:{nth}")
        if victim.fell():
            deaths += 1
            run.demand(victim.exits[-1].code == -9, f"{victim.exits[-1]} at {point}")
        else:
            victim.kill()
        victim.start()
        run.recovered(victim)
    run.count("deaths at the point", deaths)
    run.demand(deaths > 0, f"nothing ever passed {point}")


def _victim(point: Point, run: Run) -> Member:
    if point is Point.CALL_MADE:
        return run.world.alerts
    return run.chance.choice([*run.world.trackers, run.world.alerts])


POINTS = tuple(
    Row(
        f"kill -9 at {point}",
        "whatever was done half is done once by who comes next",
        partial(kill_at, point),
        short=Size(5, 78),
    )
    for point in Point
)
