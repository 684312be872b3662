"""kill -9 of one of two trackers, again and again."""

from tests.faults.running import Row, Run


def kill_on_the_same_disk(run: Run) -> None:
    """Kill one, leave the other alone for a moment, start it on what is on its disk."""
    _kill_again_and_again(run, empty=False)


def kill_and_lose_the_disk(run: Run) -> None:
    """Kill one and start it on an empty disk: all it knows comes from Kafka."""
    _kill_again_and_again(run, empty=True)


def _kill_again_and_again(run: Run, *, empty: bool) -> None:
    while run.loaded:
        run.wait(0.5, 3)
        victim = run.chance.choice(run.world.trackers)
        victim.kill()
        run.count("kills")
        if empty:
            victim.wipe()
        run.wait(0, 4)  # for longer than its session at times, so that the other takes over
        victim.start()
        run.recovered(victim)


KILLS = (
    Row(
        "kill -9, same disk",
        "a tracker that is killed goes on from its disk where it was",
        kill_on_the_same_disk,
    ),
    Row(
        "kill -9, empty disk",
        "a tracker that lost its disk makes it again from the changelog",
        kill_and_lose_the_disk,
    ),
)
