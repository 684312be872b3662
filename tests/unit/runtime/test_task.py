"""A task that is closed is closed, whatever becomes of a cancellation."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry

from services.runtime.clock import parse_clock
from services.runtime.failpoints import go_on
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import RuntimeSettings
from services.runtime.task import Surroundings, Task
from tests.unit.runtime.counting import counting_job

NOBODY = "127.0.0.1:9"
CLOSED_WITHIN_SECONDS = 10


async def opening_that_loses_a_cancellation() -> None:
    """As Python 3.11's wait_for does where what it waits for ends at that moment (gh-86296)."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)


async def test_a_task_that_is_closed_while_it_opens_is_cancelled_until_it_obeys(
    tmp_path: Path,
) -> None:
    job = counting_job()
    settings = RuntimeSettings(kafka_bootstrap_servers=NOBODY)
    metrics = RuntimeMetrics(CollectorRegistry(), job.name, job.inputs)
    around = Surroundings(settings, tmp_path, parse_clock("wall"), metrics, go_on, print)
    task = Task(job, 0, around, cached_keys=10)
    task.running = asyncio.ensure_future(opening_that_loses_a_cancellation())
    await asyncio.sleep(0)
    async with asyncio.timeout(CLOSED_WITHIN_SECONDS):
        await task.close(flush=False)
    assert task.running.cancelled()
