"""Leaves a changelog as the tracker would have left it, without handling millions of events.

The journals of some hundred movements are folded by the real tracker; what it would store of them
is then written again and again for other subjects and due moments, in the engine's transactions.
The journal itself stays empty: the states stand at its beginning.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from aiokafka import TopicPartition

from schemas.topics import EVENTS
from services.runtime.memory import MemoryStore
from services.runtime.moments import from_ms, to_ms
from services.runtime.partition import Partition, partition_of
from services.runtime.progress import ORIGIN, PROGRESS, encoded, new_origin
from services.runtime.stored import stored_key
from services.runtime.topics import TopicSpec, create_topics
from services.runtime.transaction import Transactions
from services.tracker.app import topics_of
from services.tracker.codec import StructCodec
from services.tracker.core.learnt import Judge
from services.tracker.core.movement import Movement, review
from services.tracker.core.rulebook import DEFAULT_BOOK
from tests.support.hearing import journal_record, tracker_job
from tests.support.telling import CARRIER, Story, shipment

PARTITIONS = 6
_TEMPLATES = 2000
_FLUSH = 2000
_NAME = "EC-0000000"


class Template(NamedTuple):
    """What is stored of subject `EC-0000000`, whose next deadline it is."""

    value: bytes
    deadline: datetime

    def of(self, number: int, deadline: datetime) -> bytes:
        """The same of another subject that is due at another moment."""
        due = _packed(self.deadline - DEFAULT_BOOK.default.grace)
        moved = self.value[8:].replace(due, _packed(deadline - DEFAULT_BOOK.default.grace))
        named = moved.replace(_NAME.encode(), subject_id(number).encode())
        return to_ms(deadline).to_bytes(8, "big") + named


def subject_id(number: int) -> str:
    return f"EC-{number:07}"


def key_of(number: int) -> bytes:
    return b"shipment/" + subject_id(number).encode()


def templates(now: datetime, count: int = _TEMPLATES) -> list[Template]:
    """Open movements of twelve events each, as the tracker stores them at `now`."""
    made = [_template(now, number) for number in range(count)]
    for number, template in enumerate(made):
        other = now + timedelta(days=1, milliseconds=number)
        movement = StructCodec(Movement).decode(template.of(number, other)[8:])
        assert movement.history.subject_id == subject_id(number)
        assert review(movement, Judge(DEFAULT_BOOK), now).deadline == other
    return made


def fill(bootstrap: str, deadlines: Sequence[datetime], now: datetime) -> None:
    """One movement, numbered from 0, for each deadline, which is after `now`."""
    job = tracker_job(partitions=PARTITIONS)
    changelog = TopicSpec(job.changelog, PARTITIONS, compacted=True)
    create_topics(bootstrap, [*topics_of(PARTITIONS), changelog])
    made = templates(now)
    shares: list[list[int]] = [[] for _ in range(PARTITIONS)]
    for number in range(len(deadlines)):
        shares[partition_of(key_of(number), PARTITIONS)].append(number)
    for share in shares:
        Random(1).shuffle(share)  # as real ones come in no order

    async def write(place: TopicPartition, share: list[int]) -> None:
        transactions = Transactions(bootstrap, job, place.partition)
        await transactions.start()
        offsets = {TopicPartition(EVENTS.full_name, place.partition): 0}
        for start in range(0, len(share), _FLUSH):
            changes = {
                stored_key("movements", key_of(n)): made[n % len(made)].of(n, deadlines[n])
                for n in share[start : start + _FLUSH]
            }
            if start == 0:
                changes = {ORIGIN: new_origin(), **changes}
            changes[PROGRESS] = encoded(to_ms(now), offsets, min(start + _FLUSH, len(share)))
            await transactions.commit([], changes, offsets)
        await transactions.stop()

    async def write_all() -> None:
        places = (TopicPartition(job.changelog, number) for number in range(PARTITIONS))
        await asyncio.gather(*map(write, places, shares))

    asyncio.run(write_all())


def _template(now: datetime, number: int) -> Template:
    """A state that is kept for long: two legs, on the second of which it is awaited."""
    deadline = now + timedelta(days=2, milliseconds=123)
    story = _story(now, number, deadline - DEFAULT_BOOK.default.grace)
    partition = Partition(tracker_job(), 0, MemoryStore())
    for word in story.words:
        partition.handle(journal_record(word.event, word.heard_at))
    assert not partition.failures, partition.failures
    value = partition.take().writes[stored_key("movements", story.key)]
    assert value is not None
    assert from_ms(int.from_bytes(value[:8], "big")) == deadline
    return Template(value, deadline)


def _story(now: datetime, number: int, due: datetime) -> Story:
    """A consignment of up to three lines that is at sea on its last leg."""

    def ago(days: float) -> datetime:
        return now - timedelta(days=days, minutes=number)

    items = {"vest": 10 + number, "radio": 5, "tent": 20}
    lines = dict(list(items.items())[: 1 + number % 3])
    plan = {"said": ago(9), "by": CARRIER}
    return (
        shipment(_NAME)
        .registered(at=ago(10), legs=2, commitment=f"C-{number}", **lines)
        .planned("departed", ago(6), **plan)
        .planned("arrived", ago(3), **plan)
        .planned("departed", ago(2), leg=2, **plan)
        .planned("arrived", due, leg=2, **plan)
        .planned("handed_over", now + timedelta(days=40), **plan)
        .ready(ago(7))
        .departed(ago(6), mode="road", by=CARRIER)
        .seen(ago(5), by=CARRIER)
        .arrived(ago(3), by=CARRIER, country="EC", place="Guayaquil")
        .departed(ago(2), leg=2, mode="sea", by=CARRIER)
        .seen(ago(1), by=CARRIER)
    )


def _packed(moment: datetime) -> bytes:
    """As MessagePack holds a moment with milliseconds: nanoseconds above 34 bits of seconds."""
    seconds, ms = divmod(to_ms(moment), 1000)
    return (ms * 1_000_000 << 34 | seconds).to_bytes(8, "big")
