"""What every benchmark needs: where a process runs, what it used, and a table to say so."""

import os
import platform
import statistics
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from services.cli.broker import KAFKA, EmbeddedBroker

MEASURED = 0
"""The core of the process that is measured."""
LOAD = 1
"""The core of the broker and of whoever makes the load."""
_TICK = 1 / os.sysconf("SC_CLK_TCK")


def pin(core: int, pid: int = 0) -> None:
    """Keep a process (0: this one), with all its threads, on one core; nothing if it has no such.

    What it starts from then on stays there too.
    """
    cores = {core} & _cores()
    for thread in Path(f"/proc/{pid or 'self'}/task").iterdir() if cores else ():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), cores)


def pinned(command: Sequence[str], core: int = MEASURED) -> list[str]:
    """The command line that runs `command` on that core from its first instruction."""
    return ["taskset", "--cpu-list", str(core), *command] if core in _cores() else list(command)


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a process and of its children, dead ones included."""
    return sum(_ticks(each) for each in _family(pid)) * _TICK


def peak_memory(pid: int) -> int:
    """The most that a process and its living children ever had in memory, in bytes.

    The sum of each one's own peak.
    """
    return sum(_peak(each) for each in _family(pid))


def median(figures: Iterable[float]) -> float:
    return statistics.median(figures)


def quantile(figures: Iterable[float], share: float) -> float:
    """The figure below which that share of all lies, by nearest rank."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """One line on what was measured with."""
    kafka = next((KAFKA / "libs").glob("kafka-clients-*.jar")).stem.removeprefix("kafka-clients-")
    clients = ", ".join(f"{name} {version(name)}" for name in ("aiokafka", "rocksdict"))
    return f"{len(_cores())} cores, Python {platform.python_version()}, Kafka {kafka}, {clients}"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain table: the first column to the left, the others to the right, figures readable."""
    lines = [list(header), *([_cell(each) for each in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


@contextmanager
def broker(folder: Path) -> Iterator[EmbeddedBroker]:
    """A Kafka with its data in the folder; it and this process stay on the core of the load."""
    pin(LOAD)
    with EmbeddedBroker(folder) as running:
        yield running


def _cores() -> set[int]:
    """Of the machine: this process itself may be pinned already."""
    return set(range(os.cpu_count() or 1))


def _family(pid: int) -> list[int]:
    family = [pid]
    for each in family:
        with suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{each}/task").iterdir():
                family += map(int, (thread / "children").read_text().split())
    return family


def _ticks(pid: int) -> int:
    try:
        # The name of the program, in brackets, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, fields[11:15]))  # utime, stime and those of children waited for


def _peak(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _cell(figure: object) -> str:
    if isinstance(figure, float):
        return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"
    return f"{figure:,}" if isinstance(figure, int) else str(figure)
