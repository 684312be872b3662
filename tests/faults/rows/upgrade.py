"""A build whose stored state has one more field, and back again, one tracker after the other."""

from tests.faults.member import Member
from tests.faults.next_build import ADDED
from tests.faults.rows.changelog import stored
from tests.faults.rows.points import say_more
from tests.faults.running import Row, Run

_THIS = ("services.tracker",)
_NEXT = ("tests.faults.next_build",)


def upgrade_and_roll_back(run: Run) -> None:
    """Roll forward, back and forward under load; the end is this build again."""
    for build in (_NEXT, _THIS, _NEXT, _THIS):
        for tracker in run.chance.sample(run.world.trackers, 2):
            _replace(run, tracker, build)
            run.wait(0, 1)
        run.wait(2, 4)
        if build is _NEXT:
            with_field = _with_field(run)
            if not with_field:
                say_more(run)
                with_field = _with_field(run)
            run.count("states with the field", with_field)
            run.demand(with_field > 0, "the next build stored nothing")


def _with_field(run: Run) -> int:
    return sum(ADDED.encode() in value for value in stored(run.world).values())


def _replace(run: Run, tracker: Member, build: tuple[str, ...]) -> None:
    if run.chance.random() < 0.3:
        tracker.kill()
    else:
        code = tracker.end()
        run.demand(code == 0, f"{tracker.name} ended with {code} after SIGTERM")
    tracker._module = build
    tracker.start()
    run.recovered(tracker)
    run.count("replaced")


UPGRADE = (
    Row(
        "upgrade and roll back",
        "states with one more field are read by both builds, and nothing is lost",
        upgrade_and_roll_back,
    ),
)
