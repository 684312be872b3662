"""Whether an event costs the same among a million subjects, and after hundreds of its own.

`python -m tests.benchmarks.flat [--subjects 10000 100000 1000000] [--words 5 50 500] [--events N]`:
a partition and its store on disk in this process, without Kafka. The store is filled with states
that the tracker made of a realistic journal, each under many names. An event then comes for any of
them alike, so nearly each has to be read back first.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from services.runtime.memory import MemoryStore
from services.runtime.partition import Partition
from services.runtime.processor import Record
from services.runtime.store import Store
from tests.benchmarks.measure import MEASURED, machine, peak_memory, pin, table
from tests.benchmarks.realistic import piecemeal, realistic_journal, talkative
from tests.support.hearing import in_order_heard, journal_record, tracker_job
from tests.support.telling import CARRIER, Story, shipment

_TEMPLATES = 500
_FLUSH = 500
_CACHED = 50_000
_STORIES = 10
_FURTHER = 10
Subject = tuple[bytes, bytes]
"""A stored key and its value."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--words", type=int, nargs="*", default=[5, 50, 500])
    parser.add_argument("--events", type=int, default=20_000)
    asked = parser.parse_args()
    pin(MEASURED)
    print(f"{machine()}; {asked.events:,} events each, a flush every {_FLUSH}")
    rows = [(n, *_among(n, asked.events)) for n in asked.subjects]
    header = ("open subjects", "us/event", "peak MB", "times the first")
    print(table(header, [(n, cost, mb, cost / rows[0][1]) for n, cost, mb in rows]))
    for tell in (talkative, piecemeal):
        costs = [(n, *_after(tell, n)) for n in asked.words]
        header = (f"words before, {tell.__name__}", "kept", "us/event", "times the first")
        shown = [(n, kept, cost, cost / costs[0][2]) for n, kept, cost in costs]
        print("\n" + table(header, shown))


def _among(subjects: int, events: int) -> tuple[float, float]:
    """CPU microseconds of an event, and the peak memory in MB until then."""
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        moment = _fill(store, subjects)
        partition = Partition(tracker_job(), 0, store, _CACHED)
        partition.resume(moment, subjects)
        chance = Random(1)
        records = [_arrival(chance.randrange(subjects), n, moment) for n in range(events)]
        _handle(partition, store, records[: events // 2])
        cost = _handle(partition, store, records[events // 2 :])
        store.close()
        return cost, peak_memory(os.getpid()) / 1e6


def _fill(store: Store, subjects: int) -> int:
    """States of shipments under way, under as many names; answers the partition's time in ms."""
    made, moment = _templates()
    names = (f"EC-S{number:07d}".encode() for number in range(subjects))
    renamed = (_renamed(made[n % len(made)], name) for n, name in enumerate(names))
    while batch := dict(islice(renamed, 10_000)):
        store.write(batch, 0)
    return moment


def _templates() -> tuple[list[Subject], int]:
    partition = Partition(tracker_job(), 0, MemoryStore())
    journal = realistic_journal(3 * _TEMPLATES)
    for record in journal[: len(journal) // 2]:
        partition.handle(record)
    written = partition.take().writes.items()
    shipments = [(key, value) for key, value in written if value and b"shipment/" in key]
    return shipments[:_TEMPLATES], partition.time


def _renamed(template: Subject, name: bytes) -> Subject:
    key, value = template
    old = key.rpartition(b"/")[2]
    return key.replace(old, name), value.replace(old, name)


def _arrival(subject: int, number: int, moment: int) -> Record:
    place = {"country": "EC", "place": "Quito"}
    story = shipment(f"EC-S{subject:07d}").arrived(30, name=f"a{number}", by=CARRIER, **place)
    record = journal_record(story.words[0].event, story.words[0].heard_at)
    return record._replace(headers=(("at", b"%d" % moment),))


def _after(tell: Callable[[Random, int, int], Story], words: int) -> tuple[int, float]:
    """What is kept of so many words, and CPU microseconds of each of the few that follow."""
    chance = Random(words)
    stories = [tell(chance, number, words + _FURTHER) for number in range(_STORIES)]
    store = MemoryStore()
    partition = Partition(tracker_job(), 0, store)
    for record in _records(stories, slice(0, words)):
        partition.handle(record)
    partition.take()
    partition.settle()
    further = list(_records(stories, slice(words, None)))
    began = time.process_time()
    for record in further:
        partition.handle(record)
    seconds = time.process_time() - began
    state = partition.get("movements", stories[0].key)
    assert state is not None
    return len(state.history.registers), seconds / len(further) * 1e6


def _records(stories: Sequence[Story], part: slice) -> Iterator[Record]:
    for story in stories:
        for word in in_order_heard([story])[part]:
            yield journal_record(word.event, word.heard_at)


def _handle(partition: Partition, store: Store, records: Sequence[Record]) -> float:
    """CPU microseconds of an event, flushes to the disk among them."""
    began = time.process_time()
    for number, record in enumerate(records, start=1):
        partition.handle(record)
        if number % _FLUSH == 0:
            effects = partition.take()
            store.write(effects.writes, number, effects.dropped)
            partition.settle()
    assert not partition.failures, partition.failures[0]
    return (time.process_time() - began) / len(records) * 1e6


if __name__ == "__main__":
    main()
