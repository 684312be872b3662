"""kill -9 of alerts around its calls: before one is made, while it is, and before it is noted."""

from collections import Counter

from services.runtime.failpoints import Point
from tests.faults.receiving import taken
from tests.faults.rows.points import armed
from tests.faults.rows.sinks import SINKS
from tests.faults.running import Row, Run
from tests.integration.alerts.receiver import HANG

_CALLED_WITHIN = 6.0


def kill_around_calls(run: Run) -> None:
    """At random: between state and call, in the middle of a call, between call and receipt."""
    ways = [_kill_before, _kill_within, _kill_after]
    run.chance.shuffle(ways)
    before = len(run.world.alerts.exits)
    while run.loaded:
        ways[0](run)
        ways.append(ways.pop(0))
        run.world.alerts.start()
        run.recovered(run.world.alerts)
        run.wait(0.5, 1.5)
    run.count("kills", len(run.world.alerts.exits) - before)


def at_most_one_repeat_a_kill(run: Run) -> None:
    """Each call was taken once, and once more for each kill at most."""
    times = Counter(m.call_id for m in taken(run.world.hook) if m.subject in run.subjects)
    kills = round(run.findings.figures["kills"])
    often = [f"{call} was made {n} times" for call, n in times.items() if n > 1 + kills]
    run.count("calls", len(times))
    run.count("calls repeated", times.total() - len(times))
    run.demand(not often, f"with {kills} kills: {often[:3]}")


def _kill_before(run: Run) -> None:
    _kill_at(Point.STORE_WRITTEN, run)


def _kill_after(run: Run) -> None:
    _kill_at(Point.CALL_MADE, run)


def _kill_at(point: Point, run: Run) -> None:
    alerts = armed(run, point, run.world.alerts, most=6)
    if alerts.fell():
        run.count(f"at {point}")
    else:
        alerts.kill()


def _kill_within(run: Run) -> None:
    hook = run.world.hook
    before = len(hook.refused)
    hook.behaviours.append(HANG)
    run.wait_for(lambda: len(hook.refused) > before, _CALLED_WITHIN)
    run.count("in the middle of a call", len(hook.refused) > before)
    hook.behaviours.clear()
    run.world.alerts.kill()


CALLS = (
    Row(
        "alerts kill -9 around calls",
        "every alert is told at least once, and at most once more for each kill",
        kill_around_calls,
        shape=SINKS,
        then=at_most_one_repeat_a_kill,
    ),
)
