"""Runs a job on a real Kafka: assignment in, exactly-once results out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faust import Service
from msgspec import DecodeError

from services.runtime.clock import Clock, monotonic
from services.runtime.failpoints import Point, parse_failpoint
from services.runtime.instance import Instance
from services.runtime.job import Job
from services.runtime.lag import behind, measure
from services.runtime.logs import logger
from services.runtime.metrics import RuntimeMetrics
from services.runtime.moments import MILLISECOND, to_ms
from services.runtime.partition import partition_of
from services.runtime.processor import Call
from services.runtime.progress import LostChangelogError
from services.runtime.settings import RuntimeSettings
from services.runtime.task import Surroundings, Task
from services.runtime.ticks import Ticks
from services.runtime.topics import TopicSpec, ensure_topics
from services.runtime.transaction import reader
from services.runtime.watch import LOOK_SECONDS, ChangelogWatch

_CHUNK = 200
_LEAVE_SECONDS = 15.0
"""For the last flush; whoever started us is patient for half a minute, as a rule."""
_LEAVE_CRASHED_SECONDS = 5.0
_CURED_BY_REBUILD = (LostChangelogError, DecodeError)
"""A state that is not whole, or that this build cannot read."""


class Owned(NamedTuple):
    """One partition of this instance: may it be relied on, and how far its recovery is."""

    ready: bool
    recovered: int
    to_recover: int


async def _no_call(call: Call) -> None:
    raise NotImplementedError(f"this service makes no calls: {call.target}")


class Engine(Service, ConsumerRebalanceListener):  # type: ignore[misc]
    """Owns one consumer and a task for each assigned partition; any failure ends the process."""

    def __init__(
        self,
        job: Job,
        settings: RuntimeSettings,
        clock: Clock,
        metrics: RuntimeMetrics,
        *,
        topics: tuple[TopicSpec, ...] = (),
        execute: Callable[[Call], Awaitable[None]] = _no_call,
    ) -> None:
        """`topics` are created before the start, if missing; `execute` makes the calls."""
        super().__init__()
        self._job = job
        self._execute = execute
        self._topics = [*topics, TopicSpec(job.changelog, job.partitions, compacted=True)]
        self._instance = Instance(settings.state_dir / job.name, settings.instance_id)
        self._around = Surroundings(
            settings, self._instance.folder, clock, metrics, parse_failpoint(settings.failpoint),
            lambda call: self.add_future(self._carry_out(call)),
        )  # fmt: skip
        self._assigned = False
        self._tasks: dict[int, Task] = {}
        self._consumer: Any = None
        self._ticks: Ticks | None = None
        self._consuming = asyncio.Lock()
        """Held for as long as records are handed over."""

    @property
    def ready(self) -> bool:
        """Whether partitions are assigned and all of them are recovered."""
        return self._assigned and all(task.ready for task in self._running())

    def owned(self) -> dict[int, Owned]:
        """The partitions of this instance."""
        return {
            task.number: Owned(task.ready, task.recovery.done, task.recovery.total)
            for task in self._running()
        }

    def partition_of(self, key: bytes) -> int:
        return partition_of(key, self._job.partitions)

    def get(self, processor: str, key: bytes) -> Any | None:
        """The state of a key of an own partition; None if unknown or another instance's."""
        own = self._tasks.get(self.partition_of(key))
        return None if own is None else own.partition.get(processor, key)

    def scan(self, processor: str) -> Iterator[tuple[bytes, Any]]:
        """All keys and states in own partitions; to be exhausted without awaiting anything."""
        for task in self._running():
            yield from task.partition.scan(processor)

    @Service.task  # type: ignore[untyped-decorator]
    async def _serve(self) -> None:
        settings = self._around.settings
        await ensure_topics(settings.kafka_bootstrap_servers, self._topics, settings.replication)
        await self._connect()
        async with self._consuming:
            await self._consume()

    @Service.task  # type: ignore[untyped-decorator]
    async def _watch(self) -> None:
        watch = ChangelogWatch(self._job.changelog)
        while not self.should_stop:
            await self.sleep(LOOK_SECONDS)
            if ready := [task.changelog for task in self._running() if task.ready]:
                await watch.look(self._consumer, ready)

    async def crash(self, reason: BaseException) -> None:
        """Say what a person has to do where a restart is not the cure."""
        if isinstance(reason, _CURED_BY_REBUILD) and not self.crashed:
            cure = f"stop all instances, then: chasqui rebuild {self._job.name}"
            logger(__name__).critical("refuses to run", why=str(reason), cure=cure)
        await super().crash(reason)

    async def on_stop(self) -> None:
        """Make safe what was handled and leave; after a crash only leave, and soon.

        What Kafka does not take by then is handled again by whoever comes next.
        """
        seconds = _LEAVE_CRASHED_SECONDS if self.crashed else _LEAVE_SECONDS
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(seconds):
                await self._consuming.acquire()
                try:
                    await self._close_tasks()
                finally:
                    for client in (self._consumer, self._ticks):
                        if client is not None:
                            await client.stop()
        self._instance.release()

    async def _connect(self) -> None:
        settings, job = self._around.settings, self._job
        session_ms = settings.session_timeout // MILLISECOND
        if job.journal is not None:
            self._ticks = Ticks(settings.kafka_bootstrap_servers, job.journal, self._around.clock)
            await self._ticks.start()
        self._consumer = reader(
            settings.kafka_bootstrap_servers,
            client_id=settings.url,
            group_id=job.group,
            group_instance_id=self._instance.name,
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 5,
            # All inputs have the same subscribers and partition count: ranges are equal for all.
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        self._consumer.subscribe(list(job.inputs), listener=self)
        await self._consumer.start()

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:  # noqa: ARG002
        """Make everything safe before somebody else may take over (eager: all go).

        A failure ends the process; raised here, the consumer would only log it.
        """
        await self.add_future(self._close_tasks())

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Hold the partitions back until their states are there; do not hold up the group."""
        self._consumer.pause(*assigned)
        await self.add_future(self._open_tasks(set(assigned)))

    async def _open_tasks(self, assigned: set[TopicPartition]) -> None:
        if self.should_stop:
            return  # as a member that leaves: nothing more is opened here
        self._around.passing(Point.REBALANCE)
        numbers = sorted({place.partition for place in assigned})
        cached_keys = self._around.settings.cached_keys // max(1, len(numbers))
        for number in numbers:
            task = Task(self._job, number, self._around, cached_keys)
            if not assigned.issuperset(task.inputs):
                raise RuntimeError(f"not all inputs of partition {number} came: {assigned}")
            self._tasks[number] = task
            task.running = self.add_future(self._work(task))
        self._assigned = True
        self._around.metrics.rebalances.inc()
        logger(__name__).info("partitions assigned", partitions=sorted(self._tasks))

    async def _work(self, task: Task) -> None:
        await task.open(self._consumer)
        self._consumer.resume(*task.inputs)
        said = {"recovered": task.recovery.total, "keys": task.partition.keys}
        logger(__name__).info("partition ready", partition=task.number, **said)
        await task.run()

    async def _close_tasks(self) -> None:
        tasks, self._tasks, self._assigned = self._tasks, {}, False
        closing = [task.close(flush=not self.crashed) for task in tasks.values()]
        for error in await asyncio.gather(*closing, return_exceptions=True):
            if error is not None:
                raise error

    def _running(self) -> list[Task]:
        return list(self._tasks.values())

    async def _consume(self) -> None:
        around, measured_at = self._around, 0.0
        while not self.should_stop:
            for place, records in (await self._consumer.getmany(timeout_ms=100)).items():
                await self._hand_over(place, records)
            await self._let_time_pass()
            if monotonic() - measured_at > 1:
                measured_at = monotonic()
                await measure(self._consumer, self._running(), around.metrics, around.clock)

    async def _hand_over(self, place: TopicPartition, records: list[ConsumerRecord]) -> None:
        task = self._tasks.get(place.partition)
        done = 0
        while done < len(records):
            # Closed or replaced while we waited: then the records belong to whoever comes next.
            if task is None or not task.ready or self.should_stop:
                return
            with self._around.metrics.stage["handle"].time():
                done += task.handle(place, records[done : done + _CHUNK])
            await task.room()

    async def _let_time_pass(self) -> None:
        for task in self._running():
            if self._ticks is None:
                while task.ready and not task.tick(to_ms(self._around.clock.wall())):
                    await task.room()
            elif task.ready and (at := self._ticks.due(task)) is not None:
                journal = TopicPartition(self._job.journal, task.number)
                if await behind(self._consumer, journal) == 0:
                    self.add_future(self._ticks.append(task.number, at))

    async def _carry_out(self, call: Call) -> None:
        try:
            await self._execute(call)
        except Exception:  # noqa: BLE001 - whatever went wrong, it is tried again
            # The state holds the moment to try again.
            logger(__name__).exception("call failed", call_id=call.call_id, target=call.target)
