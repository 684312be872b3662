"""kill -9 between any two steps of what makes a result safe, by the failpoints of the runtime."""

from functools import partial

from services.runtime.failpoints import Point
from tests.faults.flowing import Flow
from tests.faults.member import Member
from tests.faults.running import Row, Run, Size

_MOST_PASSINGS = {Point.REBALANCE: 2, Point.RECOVERY: 2, Point.CALL_MADE: 10}
_PASSINGS = 25
_WORDS = 12
"""So many new subjects are in partitions of either tracker, but for once in thousands."""


def kill_at(point: Point, run: Run) -> None:
    """Let a process end itself at a random passing of the point, then start it as usual."""
    deaths = 0
    while run.loaded:
        victim = armed(run, point, _victim(point, run))
        if victim.fell():
            deaths += 1
            run.demand(victim.exits[-1].code == -9, f"{victim.exits[-1]} at {point}")
        else:
            victim.kill()
        victim.start()
        run.recovered(victim)
        run.wait(0, 1)
    if not deaths:
        deaths += _kill_by_more_words(run, point)
    run.count("deaths at the point", deaths)
    run.demand(deaths > 0, f"nothing ever passed {point}")


def _victim(point: Point, run: Run) -> Member:
    if point is Point.CALL_MADE:
        return run.world.alerts
    return run.chance.choice([*run.world.trackers, run.world.alerts])


def armed(run: Run, point: Point, victim: Member, most: int = 0) -> Member:
    """The victim, killed and started so that it ends itself there."""
    victim.kill()
    if point is Point.RECOVERY or run.chance.random() < 0.3:
        victim.wipe()
    nth = run.chance.randint(1, most or _MOST_PASSINGS.get(point, _PASSINGS))
    victim.start(CHASQUI_FAILPOINT=f"{point}:{nth}")
    return victim


def _kill_by_more_words(run: Run, point: Point) -> int:
    """On a slow machine the load may be over before the victim is there: say something more."""
    before = run.world.fallen()
    victim = armed(run, point, run.world.trackers[0], most=1)
    victim.fell()
    say_more(run)
    deaths = (run.world.fallen() - before).total()
    if not deaths:
        victim.kill()
        victim.start()
    return deaths


def say_more(run: Run) -> None:
    """Words about new subjects of all partitions, each until it is handled."""
    flow = Flow(run.world)
    for _ in range(_WORDS):
        flow.seconds()
    flow.close()


POINTS = tuple(
    Row(
        f"kill -9 at {point}",
        "whatever was done half is done once by who comes next",
        partial(kill_at, point),
        short=Size(5, 78),
    )
    for point in Point
)
