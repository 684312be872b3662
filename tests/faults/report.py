"""The table of all rows and the same figures as JSON."""

from collections.abc import Mapping, Sequence
from statistics import median

from tests.faults.findings import Findings

HEADER = (
    "fault",
    "seeds",
    "acknowledged",
    "lost",
    "states wrong",
    "delays lost",
    "invented",
    "repeated",
    "alerts wrong",
    "other",
    "recovery median s",
    "worst s",
    "besides",
)


def figures(found: Sequence[Findings]) -> dict[str, object]:
    """The sums over all runs of a row; of what was longest, the longest."""
    seconds = [each for one in found for each in one.recoveries]
    besides: dict[str, float] = {}
    for one in found:
        for name, value in one.figures.items():
            before = besides.get(name, 0)
            besides[name] = max(before, value) if name.startswith("longest") else before + value
    return {
        "seeds": len(found),
        "acknowledged": sum(one.acknowledged for one in found),
        "lost": sum(len(one.lost) for one in found),
        "states wrong": sum(len(one.states_wrong) for one in found),
        "delays lost": sum(len(one.delays_lost) for one in found),
        "invented": sum(len(one.delays_invented) for one in found),
        "repeated": sum(len(one.outputs_repeated) for one in found),
        "alerts wrong": sum(len(one.alerts_wrong) for one in found),
        "other": sum(len(one.violations) for one in found),
        "recovery median s": round(median(seconds), 1) if seconds else None,
        "worst s": round(max(seconds), 1) if seconds else None,
        "besides": besides,
    }


def table(results: Mapping[str, Sequence[Findings]]) -> str:
    """The rows as text, aligned."""
    lines = [list(HEADER)]
    for name, found in results.items():
        row = figures(found)
        lines.append([name, *(_shown(row[column]) for column in HEADER[1:])])
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in {0, len(HEADER) - 1} else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:g}" for name, number in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)
