"""The changelog of a running group is deleted or cut off: refused, then made again."""

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource

from services.runtime.progress import ORIGIN
from tests.faults.member import Member
from tests.faults.running import Row, Run
from tests.faults.topics import Reader
from tests.faults.world import PARTITIONS, World

CHANGELOG = "chasqui.tracker.changelog"
_CURE = "chasqui rebuild tracker"
_NOTICED_WITHIN = 60.0
_EXACT = (b"movements\0", b"commitments\0", b"known\0")
"""States that follow from the journal alone. What is kept of a publisher also depends on the order
in which its partitions were read (docs/decisions/0042), and so do offsets of what they hand on."""


def stored(world: World) -> dict[tuple[int | None, bytes | None], bytes]:
    """The last value of each key in the changelog, its name apart."""
    reader = Reader(world.bootstrap, CHANGELOG, PARTITIONS)
    try:
        last = {(r.partition, r.key): r.value for r in reader.more()}
    finally:
        reader.close()
    return {at: value for at, value in last.items() if value is not None and at[1] != ORIGIN}


def lose_changelog(hurt: Callable[[KafkaAdminClient], None], run: Run) -> None:
    """Hurt it under load, see that nobody runs on it, make it again; then make it once more."""
    run.wait(2, 5)
    told = {tracker.name: tracker.says(_CURE) for tracker in run.world.trackers}
    admin = KafkaAdminClient(bootstrap_servers=run.world.bootstrap)
    try:
        hurt(admin)
    finally:
        admin.close()
    began = time.perf_counter()
    for tracker in run.world.trackers:
        _refuses(run, tracker, told[tracker.name])
    run.count("s until all refused", round(time.perf_counter() - began, 1))
    for tracker in run.world.trackers:
        if run.chance.random() < 0.5:
            tracker.wipe()
        told_before = tracker.says(_CURE)
        tracker.start()
        _refuses(run, tracker, told_before)
    _rebuild(run)
    for tracker in run.world.trackers:
        if run.chance.random() < 0.5:
            tracker.wipe()
        tracker.start()
    for tracker in run.world.trackers:
        run.recovered(tracker)
    run.wait(600, 600)
    for tracker in run.world.trackers:
        tracker.end()
    _compare(run)


def _compare(run: Run) -> None:
    """What is made again is what was there."""
    before = stored(run.world)
    _rebuild(run)
    after = stored(run.world)
    both = [at for at in before.keys() | after.keys() if (at[1] or b"").startswith(_EXACT)]
    run.count("states compared", len(both))
    wrong = [at for at in both if before.get(at) != after.get(at)]
    run.demand(not wrong, f"{len(wrong)} states are not as they were: {wrong[:3]}")


def delete(admin: KafkaAdminClient) -> None:
    """The whole topic."""
    admin.delete_topics([CHANGELOG])


def cut_off(admin: KafkaAdminClient) -> None:
    """What is in it now, as a wrong retention would."""
    admin.alter_configs([ConfigResource("topic", CHANGELOG, {"cleanup.policy": "compact,delete"})])
    admin.delete_records({TopicPartition(CHANGELOG, number): -1 for number in range(PARTITIONS)})


def _refuses(run: Run, tracker: Member, told: int) -> None:
    """It ends itself, and says once more than the `told` times before what is to be done."""
    ended = tracker.ended_by_itself(_NOTICED_WITHIN)
    run.demand(ended, f"{tracker.name} runs on without its changelog")
    if not ended:
        tracker.kill()
        return
    code, words = tracker.exits[-1].code, tracker.last_words()
    run.demand(code == 1, f"{tracker.name} ended with {code}")
    run.demand(tracker.says(_CURE) > told, f"{tracker.name} does not say what to do: {words}")


def _rebuild(run: Run) -> None:
    env = run.world._env | {"CHASQUI_STATE_DIR": str(run.world.folder / "rebuild")}
    began = time.perf_counter()
    command = [sys.executable, "-m", "services.cli", "rebuild", "tracker"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    run.demand(done.returncode == 0, f"rebuild: {done.stdout}{done.stderr}")
    run.count("s of rebuilds", round(time.perf_counter() - began, 1))


CHANGELOGS = tuple(
    Row(
        f"changelog {name}",
        "nobody runs on it; chasqui rebuild makes the same states of the journal",
        partial(lose_changelog, hurt),
    )
    for name, hurt in (("deleted", delete), ("cut off", cut_off))
)
