"""Rows are sent in order, at the pace of the business clock where that is asked for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.vocabulary import RefusalReason
from services.cli.errors import CommandError
from services.cli.position import Position
from services.cli.refusals import RefusedRow
from services.cli.sending import send_all
from services.cli.source_file import SourceRow
from services.cli.taking import TakenRow
from services.ingest.core.admission import Refused
from services.runtime.clock import monotonic, parse_clock

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS_A_SECOND = 100


class Hearer:
    """Keeps what it is sent and when; refuses row 2."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, float]] = []

    def send(self, rows: Sequence[TakenRow]) -> list[RefusedRow]:
        self.heard += [(row.source.row, monotonic()) for row in rows]
        return [
            RefusedRow(row.source.row, "broken", None, None) for row in rows if row.source.row == 2
        ]


def rows(*days: int) -> list[TakenRow]:
    verdict = Refused(RefusalReason.NOT_JSON, None, "not JSON")
    return [
        TakenRow(SourceRow(number, b"row"), verdict, START + timedelta(days=day))
        for number, day in enumerate(days, 1)
    ]


def test_rows_wait_for_their_moment(tmp_path: Path) -> None:
    hearer, done = Hearer(), []
    clock = parse_clock(f"2024-01-01T00:00:00Z x{86400 * DAYS_A_SECOND}")
    refused = send_all(rows(0, 30, 30), hearer, Position(tmp_path / "p", "m"), clock, done.append)
    (first, at), (second, later), (third, with_it) = hearer.heard
    assert (first, second, third) == (1, 2, 3)
    assert later - at > 0.2
    assert with_it - later < 0.1
    assert [row.row for row in refused] == [2]
    assert done[0] == 0
    assert done[-1] == 3


def test_a_clock_that_stands_still_paces_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="needs a clock that moves"):
        send_all(
            rows(0), Hearer(), Position(tmp_path / "p", "m"), parse_clock("journal"), lambda _: None
        )


def test_what_was_acknowledged_is_not_sent_again(tmp_path: Path) -> None:
    hearer, position = Hearer(), Position(tmp_path / "p", "m")
    position.write(2)
    send_all(rows(0, 1, 2), hearer, position, None, lambda _: None)
    assert [row for row, _ in hearer.heard] == [3]
    assert position.read() == 3
