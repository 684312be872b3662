"""Every fault of the table, once and in short; `make faults` runs each with ten seeds."""

import pytest

from tests.faults.conftest import Stage
from tests.faults.rows import ROWS
from tests.faults.running import Row

SEEDS = {row.name: number for number, row in enumerate(ROWS, start=1)}
"""Each row its own, so that no two runs in one world speak of the same subjects."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nothing_is_lost_wrong_or_told_twice(row: Row, stage: Stage) -> None:
    findings = stage.play(row, SEEDS[row.name])
    assert findings.clean, str(findings)
    assert findings.acknowledged > 0
