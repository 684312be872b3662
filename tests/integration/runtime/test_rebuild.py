"""What is made again from the journal is what was lost, to the byte, and nothing is told twice."""

import asyncio
import os
import shutil
import subprocess
import sys
from signal import SIGKILL

import pytest
from aiokafka import TopicPartition
from kafka import KafkaAdminClient
from msgspec.json import decode

from services.runtime.progress import ORIGIN, PROGRESS, Progress
from services.runtime.rebuild import Rebuild, RebuildError, Rebuilt
from services.runtime.settings import RuntimeSettings
from services.runtime.transaction import Transactions
from tests.integration.runtime.running import PARTITIONS, Worker, World, eventually
from tests.integration.runtime.test_engine import publish, ready

ENDS_HALFWAY = """
import asyncio, os
from services.runtime.rebuild import Rebuild
from services.runtime.settings import RuntimeSettings
from services.runtime.transaction import Transactions
from tests.integration.runtime.program import counting_on
from tests.integration.runtime.running import PARTITIONS
settings = RuntimeSettings(kafka_bootstrap_servers=os.environ["KAFKA"], failpoint="committed:2")
rebuild = Rebuild(counting_on(os.environ["NAME"], PARTITIONS), settings, print)
asyncio.run(rebuild.run(to_end="TO_END" in os.environ))
"""


def rebuild(world: World, *, to_end: bool = False) -> list[Rebuilt]:
    settings = RuntimeSettings(
        kafka_bootstrap_servers=world.kafka, state_dir=world.folder / "rebuild", cached_keys=10
    )
    made: list[Rebuilt] = []
    asyncio.run(Rebuild(world.job, settings, made.append).run(to_end=to_end))
    return made


def stored(world: World) -> dict[tuple[int | None, bytes | None], bytes]:
    """The last value of each key in the changelog, the changelog's name apart."""
    last = {(r.partition, r.key): r.value for r in world.read(world.job.changelog)}
    return {at: value for at, value in last.items() if value is not None and at[1] != ORIGIN}


def worked(world: World) -> Worker:
    """A process that has counted, fallen silent, forgotten and failed, and was stopped."""
    world.make_topics()
    worker = world.worker("a", CHASQUI_CLOCK="journal")
    publish(world, 2000)
    eventually(lambda: any(world.written(f"{world.name}.counts").values()))
    worker.end(SIGKILL)
    worker.restart()
    for word in (b"forget", b"fuse", b"poison"):
        world.publish(b"key/%b" % word, 1_767_571_200_000, word)
    world.publish(b"key/1", 4_000_000_000_000)
    publish(world, 500)
    eventually(world.settled)
    assert worker.end() == 0
    return worker


def restart(worker: Worker) -> None:
    before = worker.says("partition ready")
    worker.restart()
    ready(worker, before + PARTITIONS)


def lose_changelog(world: World) -> None:
    admin = KafkaAdminClient(bootstrap_servers=world.kafka)
    admin.delete_topics([world.job.changelog])
    eventually(lambda: world.job.changelog not in admin.list_topics())
    admin.close()


def lose_offsets(world: World) -> None:
    admin = KafkaAdminClient(bootstrap_servers=world.kafka)
    eventually(lambda: admin.delete_groups([world.job.group])[world.job.group] == "OK")
    admin.close()


@pytest.mark.parametrize("disk", ["warm", "empty"])
def test_a_lost_changelog_is_made_again_to_the_byte(world: World, disk: str) -> None:
    worker = worked(world)
    before = stored(world)
    lose_changelog(world)
    worker.restart()
    assert worker.exit_code() == 1
    publish(world, 100)
    made = rebuild(world)
    assert stored(world) == before
    assert sum(each.partition.keys for each in made) + PARTITIONS == len(before)
    if disk == "empty":
        shutil.rmtree(worker.folder)
    restart(worker)
    assert worker.says("store discarded") == (PARTITIONS if disk == "warm" else 0)
    publish(world, 100)
    eventually(world.settled)
    assert worker.end() == 0
    assert not list((world.folder / "rebuild" / world.job.name).iterdir())


def test_a_doubted_changelog_is_replaced_only_when_nobody_runs_on_it(world: World) -> None:
    world.make_topics()
    worker = world.worker("a", CHASQUI_CLOCK="journal")
    publish(world, 500)
    eventually(world.settled)
    before = stored(world)
    with pytest.raises(RebuildError, match=r"stop .* first: a runs still"):
        rebuild(world)
    assert stored(world) == before
    assert worker.end() == 0
    rebuild(world)
    assert stored(world) == before


@pytest.mark.parametrize("offsets", ["known", "lost"])
def test_half_of_a_rebuild_is_refused_and_made_again(world: World, offsets: str) -> None:
    worker = worked(world)
    before, told = stored(world), world.written(f"{world.name}.counts")
    environment = {**os.environ, "NAME": world.name, "KAFKA": world.kafka}
    if offsets == "lost":
        lose_changelog(world)
        lose_offsets(world)
        environment["TO_END"] = "1"
    environment["CHASQUI_STATE_DIR"] = str(world.folder / "halfway")
    ended = subprocess.run([sys.executable, "-c", ENDS_HALFWAY], env=environment, check=False)
    assert ended.returncode == -SIGKILL
    assert 0 < len(stored(world)) < len(before)
    worker.restart()
    assert worker.exit_code() == 1
    assert worker.says("chasqui rebuild") == 1
    rebuild(world)
    assert stored(world) == before
    restart(worker)
    eventually(world.settled)
    assert world.written(f"{world.name}.counts") == told


def test_states_that_cannot_be_read_are_made_again(world: World) -> None:
    worker = worked(world)
    before = stored(world)
    asyncio.run(spoil(world, before))
    worker.restart()
    publish(world, 100)
    assert worker.exit_code() == 1
    assert worker.says("chasqui rebuild") == 1
    rebuild(world)
    restart(worker)
    eventually(world.settled)


async def spoil(world: World, states: dict[tuple[int | None, bytes | None], bytes]) -> None:
    """Write over them what is no state, as another build might have."""
    for number in range(PARTITIONS):
        progress = decode(states[number, PROGRESS], type=Progress)
        done = {TopicPartition(topic, number): at for topic, at in progress.offsets.items()}
        keys = [key for at, key in states if at == number and key and key != PROGRESS]
        writer = Transactions(world.kafka, world.job, number)
        await writer.start()
        changes = dict.fromkeys(keys, b"no state!")
        await writer.commit([], changes, done)
        await writer.stop()


def test_without_the_offsets_it_is_to_be_told_that_all_was_told(world: World) -> None:
    worker = worked(world)
    before, told = stored(world), world.written(f"{world.name}.counts")
    lose_changelog(world)
    lose_offsets(world)
    with pytest.raises(RebuildError, match="--to-end all of the journal counts as told"):
        rebuild(world)
    rebuild(world, to_end=True)
    assert stored(world) == before
    with pytest.raises(RebuildError, match="leave --to-end away"):
        rebuild(world, to_end=True)
    shutil.rmtree(worker.folder)
    restart(worker)
    assert world.written(f"{world.name}.counts") == told
    publish(world, 100)
    eventually(world.settled)
