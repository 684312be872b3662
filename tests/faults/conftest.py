"""One world for all short runs, as long as nothing is found in it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.checker import Checker
from tests.faults.findings import Findings
from tests.faults.running import Row, run
from tests.faults.world import Shape, World


class Stage:
    """Plays rows in short, in a world that rows of the same shape share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._worlds = ExitStack()
        self._shape: Shape | None = None
        self._number = 0

    def play(self, row: Row, seed: int = 1) -> Findings:
        """What one run of the row finds."""
        if row.alone or self._shape != row.shape:
            self._make(row.shape)
        self._shape = None  # until it is known that the world is as it was
        findings = run(self._world, self._checker, row, seed, row.short)
        if findings.clean and not row.alone:
            self._shape = row.shape
        return findings

    def close(self) -> None:
        self._worlds.close()

    def _make(self, shape: Shape) -> None:
        self._worlds.close()
        self._number += 1
        self._world = self._worlds.enter_context(World(self._folder / str(self._number), shape))
        self._checker = Checker(self._world)
        self._worlds.callback(self._checker.close)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("faults"))
    yield made
    made.close()
