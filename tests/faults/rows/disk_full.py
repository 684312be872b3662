"""The disk under the states of a tracker fills up: loud, stopped, and whole when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.member import Member
from tests.faults.running import Row, Run

_SIZE = 64 * 1024 * 1024
_NOTICED_WITHIN = 60.0
_TOLD = "No space left"
_DISCARDED = "store discarded"
"""In the log of a tracker, to which earlier rows may have written too."""


def fill_the_disk(run: Run) -> None:
    """Fill the small disk of one of two trackers again and again, almost or quite."""
    victim = run.chance.choice(run.world.trackers)
    discarded = victim.says(_DISCARDED)
    victim.end()
    victim.wipe()
    with _small_disk(victim.disk):
        _start(run, victim)
        while run.loaded or "full disks" not in run.findings.figures:
            _run_out_of_room(run, victim)
            run.wait(0, 3)
        victim.end()
    run.demand(victim.says(_DISCARDED) == discarded, "a full disk damaged the store")


def _run_out_of_room(run: Run, victim: Member) -> None:
    """It may go on for a while: what it is told is safe in the changelog, and its disk can wait."""
    ballast, room = victim.disk / "ballast", run.chance.choice((0, 0, 4096, 300_000))
    _fill(ballast, room)
    run.count("full disks")
    if victim.ended_by_itself(run.chance.uniform(1, 5)):
        run.count("stopped by itself")
        run.demand(victim.exits[-1].code == 1, f"{victim.exits[-1]} on a full disk")
    elif run.chance.random() < 0.5:
        victim.kill()
    else:
        run.count(f"ended with {victim.end()} after SIGTERM")
    told = victim.says(_TOLD)
    victim.start()
    if room == 0:
        ended = victim.ended_by_itself(_NOTICED_WITHIN)
        run.demand(ended and victim.exits[-1].code == 1, f"{victim.name} starts without a disk")
        run.demand(victim.says(_TOLD) > told, f"{victim.name} does not tell that its disk is full")
    else:
        victim.ended_by_itself(1)
    if victim.up:
        victim.kill()
    ballast.unlink()
    _start(run, victim)


def _fill(ballast: Path, room: int) -> None:
    """Take all that is left but so many bytes."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while (left := os.statvfs(ballast.parent)).f_bavail * left.f_frsize > room:
            file.write(bytes(min(1024 * 1024, left.f_bavail * left.f_frsize - room)))


def _start(run: Run, victim: Member) -> None:
    victim.start()
    run.recovered(victim)


@contextmanager
def _small_disk(at: Path) -> Iterator[None]:
    """A file system of its own in memory."""
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "chasqui-faults", str(at)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"NOT TESTED: a disk can be filled only as root: {done.stderr}"
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


DISK_FULL = (
    Row(
        "disk full",
        "it stops loudly; when there is room it goes on from a store that is whole",
        fill_the_disk,
    ),
)
