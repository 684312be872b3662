"""Makes a service's states again from its journal, when its changelog is lost or doubted."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from kafka import KafkaAdminClient

from services.runtime.failpoints import parse_failpoint
from services.runtime.job import Job
from services.runtime.partition import Partition
from services.runtime.progress import ORIGIN, PROGRESS, Offsets, encoded, new_origin
from services.runtime.refolding import Handed, refold
from services.runtime.settings import RuntimeSettings
from services.runtime.store import Store
from services.runtime.topics import TopicSpec, replace_topic
from services.runtime.transaction import Transactions, reader

_BYTES_AT_ONCE = 4 * 1024 * 1024
_PAUSE_SECONDS = 0.5
_WITHOUT_OFFSETS = (
    "the offsets of the group are lost too, so it is not known what was told;"
    " with --to-end all of the journal counts as told, and nothing of it is told again"
)
_WITH_OFFSETS = "the offsets of the group are there: leave --to-end away"


class RebuildError(Exception):
    """The states cannot be made again; the message says why, and what to do."""


class Rebuilt(NamedTuple):
    """The states of one partition, made from the journal up to `done`, but not told yet."""

    number: int
    done: int
    offsets: dict[TopicPartition, int]
    """Where to go on in each input."""
    partition: Partition
    store: Store
    failures: int
    """Records and deadlines that this build could not handle."""


class Rebuild:
    """Folds the journal up to where the group was, and writes a new changelog; tells nothing.

    Outputs and calls of the fold are dropped: they were made safe together with the offsets.
    """

    def __init__(
        self, job: Job, settings: RuntimeSettings, tell: Callable[[Rebuilt], object]
    ) -> None:
        """`tell` hears of each partition that is folded."""
        self._job = job
        self._settings = settings
        self._bootstrap = settings.kafka_bootstrap_servers
        self._tell = tell
        self._passing = parse_failpoint(settings.failpoint)

    async def run(self, *, to_end: bool = False) -> None:
        """`to_end`: the group's offsets are lost too; all of the journal counts as told.

        Raises RebuildError, and before anything is changed if the journal is not whole.
        """
        if self._job.journal is None:
            raise RebuildError(f"{self._job.name} does not follow from a journal")
        async with AsyncExitStack() as stack:
            # 1. Nobody works on it, and who only sleeps can commit nothing any more.
            await asyncio.to_thread(self._find_journal)
            await self._await_empty_group()
            await self._fence(stack)
            # 2. So where the group was stays as it is. All that may fail comes before the old
            #    changelog is touched.
            consumer = await self._consumer(stack)
            committed = await self._committed(consumer)
            done = await self._done(consumer, committed, to_end=to_end)
            folder = self._settings.state_dir / self._job.name
            folder.mkdir(parents=True, exist_ok=True)
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="rebuild-", dir=folder)))
            made = await self._fold(consumer, done, folder, to_end=to_end)
            # 3. That takes its time: an instance may have been started, and stopped, meanwhile.
            await self._await_empty_group()
            writers = await self._fence(stack)
            if await self._committed(consumer) != committed:
                raise RebuildError(f"{self._job.name} ran meanwhile")
            if to_end:  # from here on half of a new changelog is known for what it is
                await consumer.commit({place: at for place, at in done.items() if at})
            # 4. Half of a new changelog is refused, because its progress comes last.
            changelog = TopicSpec(self._job.changelog, self._job.partitions, compacted=True)
            settings = self._settings
            await asyncio.to_thread(replace_topic, self._bootstrap, changelog, settings.replication)
            for each in made:
                await self._write(writers[each.number], each)
                each.store.close()

    async def _await_empty_group(self) -> None:
        """One that was stopped is a member until its session ends: it is expected back."""
        patience = self._settings.session_timeout.total_seconds() + 2
        while members := await asyncio.to_thread(self._members):
            if patience <= 0:
                names = ", ".join(members)
                raise RebuildError(f"stop {self._job.name} first: {names} runs still")
            await asyncio.sleep(_PAUSE_SECONDS)
            patience -= _PAUSE_SECONDS

    def _members(self) -> list[str]:
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            group = self._job.group
            if group not in {each["group_id"] for each in admin.list_groups()}:
                return []  # its coordinator may never have been asked for
            members = admin.describe_groups([group])[group]["members"]
            return [str(each["group_instance_id"]) for each in members]
        finally:
            admin.close()

    def _find_journal(self) -> None:
        """Whether it is there in as many partitions as it is to have."""
        journal, count = str(self._job.journal), self._job.partitions
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            found = admin.describe_topics([journal]) if journal in admin.list_topics() else []
        finally:
            admin.close()
        partitions = [len(each["partitions"]) for each in found]
        if partitions != [count]:
            raise RebuildError(f"{journal} is to have {count} partitions, found: {partitions}")

    async def _fence(self, stack: AsyncExitStack) -> list[Transactions]:
        """A writer for each partition, which from here on is the only one."""
        job, writers = self._job, []
        for number in range(job.partitions):
            writer = Transactions(self._bootstrap, job, number, self._passing)
            stack.push_async_callback(writer.stop)
            await writer.start()
            writers.append(writer)
        return writers

    async def _consumer(self, stack: AsyncExitStack) -> AIOKafkaConsumer:
        group = self._job.group
        consumer = reader(self._bootstrap, group_id=group, auto_offset_reset="earliest")
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        return consumer

    async def _committed(self, consumer: AIOKafkaConsumer) -> dict[TopicPartition, int | None]:
        """How far the group was in each partition of the journal, as far as it is known."""
        places = [TopicPartition(self._job.journal, n) for n in range(self._job.partitions)]
        consumer.assign(places)
        return {place: await consumer.committed(place) for place in places}

    async def _done(
        self,
        consumer: AIOKafkaConsumer,
        committed: dict[TopicPartition, int | None],
        *,
        to_end: bool,
    ) -> dict[TopicPartition, int]:
        """How far to fold each partition of a journal that is whole so far."""
        places = list(committed)
        firsts, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        lost = all(at is None for at in committed.values()) and any(ends.values())
        if lost != to_end:
            raise RebuildError(_WITHOUT_OFFSETS if lost else _WITH_OFFSETS)
        done = ends if lost else {place: at or 0 for place, at in committed.items()}
        for place, at in done.items():
            if at and (firsts[place] > 0 or ends[place] < at):
                raise RebuildError(f"{place.topic}/{place.partition} is not whole up to {at}")
        return done

    async def _fold(
        self,
        consumer: AIOKafkaConsumer,
        done: dict[TopicPartition, int],
        folder: Path,
        *,
        to_end: bool,
    ) -> list[Rebuilt]:
        ends = await self._handed(consumer)
        taken = ends if to_end else await self._taken(consumer, ends)
        untaken = await self._untaken(consumer, taken, ends)
        cached = self._settings.cached_keys
        folded = await refold(self._job, consumer, done, untaken, folder, cached)
        made = []
        for place, at in done.items():
            partition, store, failures = folded[place.partition]
            own = {each: to for each, to in taken.items() if each.partition == place.partition}
            offsets = {place: at, **own} if at else own
            made.append(Rebuilt(place.partition, at, offsets, partition, store, failures))
            self._tell(made[-1])
        return made

    async def _handed(self, consumer: AIOKafkaConsumer) -> Offsets:
        """Where what partitions handed to each other ends."""
        job, known = self._job, await consumer.topics()
        internal = [topic for topic in job.inputs if topic != job.journal and topic in known]
        places = [TopicPartition(topic, n) for topic in internal for n in range(job.partitions)]
        return await consumer.end_offsets(places) if places else {}

    async def _taken(self, consumer: AIOKafkaConsumer, ends: Offsets) -> Offsets:
        """How far of it counts as taken.

        To the end where it is joined: how many words became one record depends on the flush, so
        the fold hands all of them on.
        """
        taken = dict(ends)
        for place, end in ends.items():
            if place.topic not in self._job.joins:
                taken[place] = min(end, await consumer.committed(place) or 0)
        return taken

    async def _untaken(
        self, consumer: AIOKafkaConsumer, taken: Offsets, ends: Offsets
    ) -> Counter[Handed]:
        """What was handed to somebody who stopped before it was taken."""
        untaken: Counter[Handed] = Counter()
        for place in (place for place, at in taken.items() if at < ends[place]):
            consumer.assign([place])
            consumer.seek(place, taken[place])
            while await consumer.position(place) < ends[place]:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    untaken.update((r.topic, r.key, r.value) for r in records)
        return untaken

    async def _write(self, writer: Transactions, made: Rebuilt) -> None:
        offsets = made.offsets
        if not any(offsets.values()):
            return
        changes: dict[bytes, bytes | None] = {ORIGIN: new_origin()}
        size = 0
        for key, value in made.store.scan():
            changes[key] = value
            size += len(key) + len(value)
            if size > _BYTES_AT_ONCE:
                await writer.commit([], changes, offsets)
                changes, size = {}, 0
        partition = made.partition
        changes[PROGRESS] = encoded(partition.time, offsets, partition.keys)
        await writer.commit([], changes, offsets)
