"""How far a partition came, kept with its states so that neither can be had without the other."""

from collections.abc import Mapping
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.logs import logger
from services.runtime.stored import Stored

PROGRESS = b"\0progress"
"""Its key in the store and the changelog; every flush writes it."""
ORIGIN = b"\0origin"
"""The key of a changelog's first record, which names it.

It is written once, so compaction leaves it there: a changelog without it has lost its beginning."""
Offsets = Mapping[TopicPartition, int]


class UnsafeStateError(Exception):
    """The state cannot be proven to be whole: better not to run than on a silently empty one."""


class LostChangelogError(UnsafeStateError):
    """The changelog cannot give the state back; `chasqui rebuild` makes it from the journal."""


class Progress(msgspec.Struct, frozen=True):
    """A partition's time in ms, the next offset of each input topic, and how many keys it has."""

    time: int = 0
    offsets: dict[str, int] = {}
    keys: int = 0


def new_origin() -> bytes:
    """A name that no other changelog has."""
    return uuid4().hex.encode()


def encoded(time: int, offsets: Offsets, keys: int) -> bytes:
    by_topic = {place.topic: offset for place, offset in offsets.items()}
    return msgspec.json.encode(Progress(time, by_topic, keys))


def changes_of(
    store: Stored, writes: Mapping[bytes, bytes | None], progress: bytes
) -> dict[bytes, bytes | None]:
    """What a flush adds to the changelog: its name first, if it has none, and progress last."""
    named = {} if store.get(ORIGIN) else {ORIGIN: new_origin()}
    return {**named, **writes, PROGRESS: progress}


def progress_of(store: Stored, committed: Offsets) -> Progress:
    """What the store knows; `committed` is what the group knows, which is never ahead of it."""
    stored = store.get(PROGRESS)
    if stored is None and store.get(ORIGIN) is not None:
        raise LostChangelogError("a rebuild of the changelog ended halfway")
    progress = Progress() if stored is None else msgspec.json.decode(stored, type=Progress)
    for place, done in committed.items():
        if done > progress.offsets.get(place.topic, 0):
            known = progress.offsets.get(place.topic)
            raise LostChangelogError(f"{place}: {done} are done, the changelog knows {known}")
    return progress


async def positions(
    consumer: AIOKafkaConsumer, inputs: list[TopicPartition], progress: Progress
) -> dict[TopicPartition, int]:
    """Where to go on in each input, if it is still the topic that was read before."""
    first, last = await consumer.beginning_offsets(inputs), await consumer.end_offsets(inputs)
    found = {}
    for place in inputs:
        at = progress.offsets.get(place.topic, 0)
        if at > last[place]:
            raise UnsafeStateError(f"{place} lost records or was made anew: {at} are done")
        if 0 < at < first[place]:
            logger(__name__).error("records are lost to retention", place=str(place), at=at)
        found[place] = max(at, first[place])
    return found
