"""A service that writes down each record as it handles it, to count what is handled again.

`python -m tests.faults.handled services.tracker` runs the real service's program.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from aiokafka import ConsumerRecord, TopicPartition

from services.runtime.task import Task
from tests.faults.member import Member

Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""


def notes_of(disk: Path) -> Path:
    """Where the member with this disk writes; beside it, so that it survives the disk."""
    return disk.with_name(f"{disk.name}.handled")


def handled_by(members: Sequence[Member]) -> list[Place]:
    """What they handled, over all their starts; once for each time."""
    found = []
    for member in members:
        for line in notes_of(member.disk).read_text().splitlines():
            topic, partition, offset = line.split()
            found.append((topic, int(partition), int(offset)))
    return found


def main() -> None:
    module = sys.argv.pop(1)
    notes = notes_of(Path(os.environ["CHASQUI_STATE_DIR"])).open("a")
    handle = Task.handle

    def handle_and_note(
        task: Task, place: TopicPartition, records: Sequence[ConsumerRecord]
    ) -> None:
        handle(task, place, records)
        for record in records:
            notes.write(f"{place.topic} {place.partition} {record.offset}\n")
        notes.flush()

    setattr(Task, "handle", handle_and_note)  # noqa: B010 - what mypy takes for a mistake is meant
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
