"""Results are exactly those of the memory driver, whatever happens to the processes."""

import asyncio
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource

from services.cli.broker import EmbeddedBroker
from services.runtime.clock import parse_clock
from services.runtime.ownership import Ownership
from services.runtime.settings import RuntimeSettings
from services.runtime.transaction import Transactions
from tests.integration.runtime.running import PARTITIONS, Worker, World, eventually

WALL = parse_clock("wall")


def publish(world: World, records: int, keys: int = 50) -> None:
    at = int(WALL.wall().timestamp() * 1000)
    for number in range(records):
        world.publish(b"key/%d" % (number * 7 % keys), at, b"%d" % number)
    world.flush()


def ready(worker: Worker, times: int = PARTITIONS) -> None:
    eventually(lambda: worker.says("partition ready") >= times or not worker.alive())
    assert worker.alive(), worker.log.read_text()


def test_silence_is_noticed_when_a_tick_comes_back(world: World) -> None:
    start = "2026-01-05T00:00:00Z"
    worker = world.worker("a", CHASQUI_CLOCK=f"{start} x10")
    ready(worker)
    world.publish(b"a", 1_767_571_200_000)
    world.publish(b"b", 1_767_571_203_500, b"poison")
    world.flush()
    eventually(lambda: len(world.read(f"{world.name}.counts")) == 4)
    assert [(each.key, each.value) for each in world.read(f"{world.name}.counts")] == [
        (b"a", b"a:seen:1:1767571200000"),
        (b"a", b"a:silence:1:1767571210000"),
        (b"a", b"a:silence:2:1767571220000"),
        (b"a", b"a:silence:3:1767571230000"),
    ]
    ticks = [each for each in world.read(f"{world.name}.journal") if each.key is None]
    assert 1 <= len(ticks) <= 3
    (buried,) = world.read(f"{world.name}.quarantine")
    assert (buried.value, dict(buried.headers)["reason"]) == (b"poison", b"broken")
    assert world.settled()
    assert worker.end() == 0


def test_killed_in_mid_flow_and_started_on_an_empty_disk_nothing_differs(world: World) -> None:
    world.make_topics()
    worker = world.worker("a", CHASQUI_CLOCK="journal")
    for round_ in range(3):
        publish(world, 3000)
        eventually(lambda: any(world.written(f"{world.name}.counts").values()))
        worker.end(signal.SIGKILL)
        publish(world, 1000)
        if round_ == 1:
            shutil.rmtree(worker.folder)
        worker.restart()
    eventually(world.settled)
    assert worker.end() == 0
    assert sum(len(lines) for lines in world.expected().values()) == 12_000


def test_a_second_instance_takes_its_share_and_gives_it_back(world: World) -> None:
    world.make_topics()
    first = world.worker("a")
    ready(first)
    publish(world, 500)
    second = world.worker("b")
    ready(second, 1)
    publish(world, 500)
    assert second.end() == 0
    publish(world, 500)
    eventually(world.settled)
    second.restart()
    second.end()
    publish(world, 500)
    eventually(world.settled)
    assert first.alive()
    assert first.end() == 0


def test_a_paused_instance_cannot_write_over_its_successor(world: World) -> None:
    world.make_topics()
    first = world.worker("a")
    ready(first)
    publish(world, 500)
    first.signal(signal.SIGSTOP)
    second = world.worker("b")
    publish(world, 500)
    ready(second)
    eventually(world.settled)
    first.signal(signal.SIGCONT)
    publish(world, 500)
    eventually(world.settled)


async def test_a_fenced_process_ends_with_an_error(world: World) -> None:
    world.make_topics()
    worker = world.worker("a")
    await asyncio.to_thread(ready, worker)
    for number in range(PARTITIONS):
        successor = Transactions(world.kafka, world.job, number)
        await successor.start()
        await successor.stop()
    await asyncio.to_thread(publish, world, 100)
    assert await asyncio.to_thread(worker.exit_code) == 1
    assert "Fenced" in worker.log.read_text()


@pytest.mark.parametrize("disk", ["warm", "empty"])
def test_without_its_changelog_it_refuses_to_run(world: World, disk: str) -> None:
    world.make_topics()
    worker = world.worker("a")
    publish(world, 100)
    eventually(world.settled)
    assert worker.end() == 0
    admin = KafkaAdminClient(bootstrap_servers=world.kafka)
    admin.delete_topics([world.job.changelog])
    eventually(lambda: world.job.changelog not in admin.list_topics())
    admin.close()
    if disk == "empty":
        shutil.rmtree(worker.folder)
    for attempt in (1, 2):
        worker.restart()
        assert worker.exit_code() == 1
        assert worker.says(f"chasqui rebuild {world.name}") == attempt


def test_a_changelog_that_disappears_stops_who_runs_on_it(world: World) -> None:
    worker = world.worker("a")
    ready(worker)
    publish(world, 100)
    eventually(world.settled)
    _administer(world, lambda admin: admin.delete_topics([world.job.changelog]))
    assert worker.exit_code() == 1
    assert worker.says("changelog was deleted")
    assert worker.says(f"chasqui rebuild {world.name}") == 1


def test_a_changelog_that_is_cut_off_stops_who_runs_on_it_and_who_comes_after(
    world: World,
) -> None:
    world.make_topics()
    worker = world.worker("a", CHASQUI_CLOCK="journal")
    ready(worker)
    publish(world, 100)
    eventually(world.settled)
    time.sleep(4)
    _administer(world, lambda admin: cut_off(admin, world))
    assert worker.exit_code() == 1
    assert worker.says("was cut off before")
    for disk in ("warm", "empty"):
        if disk == "empty":
            shutil.rmtree(worker.folder)
        worker.restart()
        assert worker.exit_code() == 1
    assert worker.says(f"chasqui rebuild {world.name}") == 3


def cut_off(admin: KafkaAdminClient, world: World) -> None:
    """Delete what is in the changelog now, as a wrong retention would."""
    topic = ConfigResource("topic", world.job.changelog, {"cleanup.policy": "compact,delete"})
    admin.alter_configs([topic])
    admin.delete_records({TopicPartition(world.job.changelog, n): -1 for n in range(PARTITIONS)})


def _administer(world: World, do: Callable[[KafkaAdminClient], object]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=world.kafka)
    try:
        do(admin)
    finally:
        admin.close()


def test_a_warm_restart_reads_only_what_it_lacks(world: World) -> None:
    world.make_topics()
    worker = world.worker("a", CHASQUI_CLOCK="journal")
    publish(world, 1000)
    eventually(world.settled)
    assert worker.end() == 0
    worker.restart()
    ready(worker, 2 * PARTITIONS)
    assert '"recovered": 1,' in worker.log.read_text().rsplit("partition ready", 2)[-2]
    publish(world, 100)
    eventually(world.settled)
    assert worker.end() == 0


def test_without_a_broker_it_waits_says_so_once_and_stops_when_told(tmp_path: Path) -> None:
    worker = Worker("127.0.0.1:9", "absent", tmp_path / "a")
    eventually(lambda: worker.says("waiting for kafka") > 0)
    time.sleep(3)
    assert worker.end() == 0
    assert worker.says("waiting for kafka") == 1


def test_a_broker_that_goes_in_mid_flow_does_not_keep_who_is_told_to_stop(
    fresh_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    with closing(World(fresh_broker.bootstrap, "gone", tmp_path)) as world:
        world.make_topics()
        worker = world.worker("a")
        ready(worker)
        over = threading.Event()
        pump = threading.Thread(target=_pump, args=(world, over))
        pump.start()
        eventually(lambda: len(world.read("gone.counts")) > 0)
        fresh_broker.kill()
        over.set()
        pump.join()
        worker.signal(signal.SIGTERM)
        assert worker.exit_code(within=30) == 0
        fresh_broker.start()
        worker.restart()
        eventually(world.settled)
        assert worker.end() == 0


def _pump(world: World, over: threading.Event) -> None:
    at = int(WALL.wall().timestamp() * 1000)
    while not over.wait(0.001):
        world.publish(b"key", at)


async def test_the_group_tells_who_owns_a_partition(world: World) -> None:
    world.make_topics()
    worker = world.worker("a", CHASQUI_ADVERTISED_URL="http://10.0.0.1:8081")
    settings = RuntimeSettings(kafka_bootstrap_servers=world.kafka)
    ownership = Ownership(world.job, settings)
    assert await ownership.url_of(0) is None
    await asyncio.to_thread(ready, worker)
    await asyncio.sleep(2)
    assert await ownership.url_of(PARTITIONS - 1) == "http://10.0.0.1:8081"
    assert await ownership.url_of(PARTITIONS) is None
    await ownership.stop()
