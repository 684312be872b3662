"""All faults on a real Kafka, each with several seeds: `python -m tests.faults --seeds 10`."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import click

from tests.faults.checker import Checker
from tests.faults.findings import Findings
from tests.faults.report import figures, table
from tests.faults.rows import ROWS
from tests.faults.running import Row, Size, run
from tests.faults.world import World

COMMITS: dict[str, tuple[str, ...]] = {
    "transactions": (),
    "at-least-once": ("tests.support.at_least_once",),
}
"""How results are made safe: as they are, and as they might be, to compare the two."""


class Worlds:
    """A world for each row, and a new one where the last is spoilt or the row wants its own."""

    def __init__(self, folder: Path, through: tuple[str, ...] = ()) -> None:
        """`through` are modules of the tests in which trackers and alerts are to run."""
        self._folder = folder
        self._through = through
        self._numbers = count(1)

    @contextmanager
    def one(self, row: Row) -> Iterator[tuple[World, Checker]]:
        """One more."""
        folder = self._folder / f"{next(self._numbers):03d}"
        shape = replace(row.shape, through=(*self._through, *row.shape.through))
        with World(folder, shape) as world:
            checker = Checker(world)
            try:
                yield world, checker
            finally:
                checker.close()

    def runs(self, row: Row, seeds: range, size: Size) -> Iterator[Findings]:
        """One run for each seed; a world in which something was found is not used again."""
        left = list(seeds)
        while left:
            with self.one(row) as (world, checker):
                while left:
                    found = _timed(world, checker, row, left.pop(0), size)
                    yield found
                    if row.alone or not found.clean:
                        break


def _timed(world: World, checker: Checker, row: Row, seed: int, size: Size) -> Findings:
    began = time.perf_counter()
    try:
        found = run(world, checker, row, seed, size)
    except AssertionError as error:
        found = Findings(violations=[str(error)])
    took = time.perf_counter() - began
    click.echo(f"{row.name}, seed {seed}, {took:.0f} s, {found.figures}: {found}", err=True)
    return found


@click.command()
@click.option("--seeds", default=10, show_default=True, help="Runs of each row.")
@click.option("--seed-from", default=1, show_default=True)
@click.option("--row", "wanted", multiple=True, help="Only rows whose name has this.")
@click.option("--short", is_flag=True, help="Runs of eight seconds, as in the tests.")
@click.option("--commit", type=click.Choice(list(COMMITS)), default="transactions")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep logs and ledgers here.")
def main(  # noqa: PLR0913 - each is an option
    *,
    seeds: int,
    seed_from: int,
    wanted: tuple[str, ...],
    short: bool,
    commit: str,
    path: Path | None,
    keep: Path | None,
) -> None:
    """Hurt the system in every way of the table, and tell what was lost, wrong or repeated."""
    rows = [row for row in ROWS if not wanted or any(word in row.name for word in wanted)]
    results: dict[str, list[Findings]] = {}
    with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory() as name:
        worlds = Worlds(keep or Path(name), COMMITS[commit])
        for row in rows:
            click.echo(f"{row.name}: {row.must_hold}", err=True)
            size = row.short if short else row.long
            results[row.name] = list(worlds.runs(row, range(seed_from, seed_from + seeds), size))
    click.echo(table(results))
    if path is not None:
        told = {name: figures(found) for name, found in results.items()}
        path.write_text(json.dumps(told, indent=1))
    sys.exit(0 if all(one.clean for found in results.values() for one in found) else 1)


if __name__ == "__main__":
    main()
