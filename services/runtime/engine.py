"""Runs a job on a real Kafka: assignment in, exactly-once results out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaError
from faust import Service

from schemas.times import wire
from services.runtime.clock import Clock, monotonic
from services.runtime.instance import Instance
from services.runtime.job import Job
from services.runtime.logs import logger
from services.runtime.metrics import RuntimeMetrics
from services.runtime.moments import from_ms, to_ms
from services.runtime.partition import partition_of
from services.runtime.processor import Call
from services.runtime.settings import RuntimeSettings
from services.runtime.task import Surroundings, Task
from services.runtime.topics import TopicSpec, ensure_topics

_IN_FLIGHT = timedelta(milliseconds=250)
"""Records stamped before a tick may still be on their way; wall time."""
_TICK_AGAIN_SECONDS = 10.0
_CHUNK = 200
_UNSAVED_LIMIT = 10_000
_CLOSE_SECONDS = 5.0


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
        self.assigned = False
        self._job = job
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._execute = execute
        self._topics = [*topics, TopicSpec(job.changelog, job.partitions, compacted=True)]
        self._instance = Instance(settings.state_dir / job.name, settings.instance_id)
        self._tasks: dict[int, tuple[Task, asyncio.Future[None]]] = {}
        self._ticks: dict[int, tuple[int, float]] = {}
        self._read_at: dict[str, float] = {}
        self._consumer: AIOKafkaConsumer | None = None
        self._ticker: AIOKafkaProducer | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    # What a service may ask

    @property
    def ready(self) -> bool:
        """Whether partitions are assigned and all of them are recovered."""
        return self.assigned and all(task.ready for task, _ in self._tasks.values())

    def owned(self) -> dict[int, Owned]:
        return {
            number: Owned(task.ready, task.recovery.done, task.recovery.total)
            for number, (task, _) in self._tasks.items()
        }

    def partition_of(self, key: bytes) -> int:
        return partition_of(key, self._job.partitions)

    def get(self, processor: str, key: bytes) -> Any | None:
        """The state of a key of an own partition; None if unknown or another instance's."""
        own = self._tasks.get(self.partition_of(key))
        return None if own is None else own[0].partition.get(processor, key)

    def scan(self, processor: str) -> Iterator[tuple[bytes, Any]]:
        """All keys and states in own partitions; to be exhausted without awaiting anything."""
        for task, _ in self._tasks.values():
            yield from task.partition.scan(processor)

    # The life of the service

    @Service.task
    async def _serve(self) -> None:
        settings = self._settings
        await ensure_topics(settings.kafka_bootstrap_servers, self._topics, settings.replication)
        await self._connect()
        self._idle.clear()
        try:
            await self._consume()
        finally:
            self._idle.set()

    async def on_stop(self) -> None:
        """Make safe what was handled and leave; after a crash only leave, and soon."""
        await self._idle.wait()
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(_CLOSE_SECONDS if self.crashed else None):
                await self._close_tasks()
                for client in (self._consumer, self._ticker):
                    if client is not None:
                        await client.stop()
        self._instance.release()

    async def _connect(self) -> None:
        settings, bootstrap = self._settings, self._settings.kafka_bootstrap_servers
        session_ms = settings.session_timeout // timedelta(milliseconds=1)
        self._ticker = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=settings.url,
            group_id=self._job.group,
            group_instance_id=self._instance.name,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1024 * 1024,
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 5,
            # All inputs have the same subscribers and partition count: ranges are equal for all.
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        await self._ticker.start()
        self._consumer.subscribe(list(self._job.inputs), listener=self)
        await self._consumer.start()

    # Partitions come and go (eager: all go, then some come)

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Make everything safe before somebody else may take over."""
        try:
            await self._close_tasks()
        except Exception as error:  # noqa: BLE001 - the consumer would only log it
            await self.crash(error)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Hold the partitions back until their states are there; do not hold up the group."""
        try:
            await self._open_tasks(set(assigned))
        except Exception as error:  # noqa: BLE001 - the consumer would only log it
            await self.crash(error)

    async def _open_tasks(self, assigned: set[TopicPartition]) -> None:
        await self._close_tasks()
        self._metrics.rebalances.inc()
        self._consumer.pause(*assigned)
        around = Surroundings(
            self._settings.kafka_bootstrap_servers, self._instance.folder, self._clock,
            self._metrics, self._settings.cached_keys, self._tell,
        )  # fmt: skip
        for number in sorted({place.partition for place in assigned}):
            task = Task(self._job, number, around)
            if not assigned.issuperset(task.inputs):
                raise RuntimeError(f"not all inputs of partition {number} were assigned: {assigned}")
            self._tasks[number] = (task, self.add_future(self._work(task)))
        logger(__name__).info("partitions assigned", partitions=sorted(self._tasks))
        self.assigned = True

    async def _work(self, task: Task) -> None:
        await task.open(self._consumer)
        self._consumer.resume(*task.inputs)
        logger(__name__).info(
            "partition ready", partition=task.number, recovered=task.recovery.total, keys=task.partition.keys
        )
        await task.run()

    async def _close_tasks(self) -> None:
        tasks, self._tasks = self._tasks, {}
        closing = [task.close(running, flush=not self.crashed) for task, running in tasks.values()]
        await asyncio.gather(*closing)

    # The loop

    async def _consume(self) -> None:
        measured_at = 0.0
        while not self.should_stop:
            fetched = await self._consumer.getmany(timeout_ms=100)
            for place, records in fetched.items():
                await self._hand_over(place, records)
            await self._tick()
            if monotonic() - measured_at > 1:
                measured_at = monotonic()
                await self._measure()

    async def _hand_over(self, place: TopicPartition, records: list[Any]) -> None:
        task, _ = self._tasks.get(place.partition, (None, None))
        for start in range(0, len(records), _CHUNK):
            # Closed or replaced while we waited: then the records belong to whoever comes next.
            if task is None or not task.accepts or self.should_stop:
                return
            with self._metrics.stage["handle"].time():
                for record in records[start : start + _CHUNK]:
                    task.handle(record)
            self._read_at[place.topic] = records[start].timestamp / 1000
            await asyncio.sleep(0)
            while task.unsaved > _UNSAVED_LIMIT and not self.should_stop:
                await asyncio.sleep(0.005)

    async def _tick(self) -> None:
        if self._job.journal is None:
            for task, _ in self._tasks.values():
                if task.accepts:
                    task.tick(to_ms(self._clock.wall()))
        elif self._clock.ticks:
            now = to_ms(self._clock.now(_IN_FLIGHT))
            for task, _ in list(self._tasks.values()):
                due = task.partition.deadlines.first()
                if task.accepts and due is not None and due <= now:
                    await self._append_tick(task, now)

    async def _append_tick(self, task: Task, now: int) -> None:
        """When caught up, one in flight per partition; it acts only when it is read back."""
        place = TopicPartition(self._job.journal, task.number)
        if self._consumer.last_stable_offset(place) is None or await self._behind(place):
            return
        at, sent = self._ticks.get(task.number, (0, 0.0))
        if task.partition.time >= at or monotonic() - sent > _TICK_AGAIN_SECONDS:
            self._ticks[task.number] = (now, monotonic())
            self.add_future(self._send_tick(task, now))

    async def _send_tick(self, task: Task, now: int) -> None:
        value = f'{{"at":"{wire(from_ms(now))}","type":"tick"}}'.encode()
        headers = [("at", b"%d" % now)]
        with suppress(KafkaError):  # the next try is due anyway
            await self._ticker.send_and_wait(
                self._job.journal, value, partition=task.number, headers=headers
            )

    def _tell(self, call: Call) -> None:
        self.add_future(self._carry_out(call))

    async def _carry_out(self, call: Call) -> None:
        try:
            await self._execute(call)
        except Exception as error:
            # The state holds the moment to try again.
            logger(__name__).exception("call failed", call_id=call.call_id, error=str(error))

    async def _measure(self) -> None:
        tasks = [task for task, _ in self._tasks.values()]
        places = [place for task in tasks if task.accepts for place in task.inputs]
        for topic, (records, seconds) in self._metrics.lag.items():
            behind = [await self._behind(place) for place in places if place.topic == topic]
            age = self._clock.wall().timestamp() - self._read_at.get(topic, 0)
            records.set(sum(behind))
            seconds.set(age if any(behind) and topic in self._read_at else 0)
        self._metrics.last_event.set(max(self._read_at.values(), default=0))
        self._metrics.keys.set(sum(task.partition.keys for task in tasks))
        self._metrics.recovering.set(sum(not task.ready for task in tasks))

    async def _behind(self, place: TopicPartition) -> int:
        """Offsets not read yet, as last told by the broker; a marker of a transaction is one."""
        end = self._consumer.last_stable_offset(place)
        return 0 if end is None else max(0, end - await self._consumer.position(place))
