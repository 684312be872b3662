"""A service that writes down each record as it handles it, to count what is handled again.

`python -m tests.faults.handled services.tracker` runs the real service's program.
"""

import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from services.runtime.partition import Partition
from services.runtime.processor import Record
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
    notes = notes_of(Path(os.environ["CHASQUI_STATE_DIR"])).open("a", buffering=1)
    handle = Partition.handle

    def handle_and_note(partition: Partition, record: Record, wall: int = 0) -> bool:
        if handled := handle(partition, record, wall):
            notes.write(f"{record.topic} {record.partition} {record.offset}\n")
        return handled

    setattr(Partition, "handle", handle_and_note)  # noqa: B010 - mypy takes it for a mistake
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
