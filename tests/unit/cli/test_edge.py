"""The client of the edge sends a batch whole until its outcome is final."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.edge import BATCH_BYTES, BATCH_ROWS, Edge, batches
from services.cli.errors import CommandError
from services.cli.publish import publish
from tests.unit.cli.scripted import ScriptedServer

ACCEPTED = b'{"accepted":1,"refused":0,"rows":[{"row":1,"event_id":"e","outcome":"accepted"}]}'
PROBLEM = b'{"title":"Service Unavailable","detail":"Kafka is away"}'


def test_busy_answers_are_waited_out_and_the_whole_batch_is_sent_again(
    server: ScriptedServer,
) -> None:
    server.answers = [
        (503, {"retry-after": "0"}, PROBLEM),
        (429, {"retry-after": "0"}, b"{}"),
        (202, {}, ACCEPTED),
    ]
    told: list[str] = []
    with Edge(server.url, "k.s", tell=told.append) as edge:
        assert edge.send([b'{"a":1}', b'{"a":2}']).accepted == 1
    assert server.bodies == [b'{"a":1}\n{"a":2}'] * 3
    assert "503 Kafka is away" in told[0]


def test_patience_ends(server: ScriptedServer) -> None:
    server.answers = [(503, {"retry-after": "0"}, PROBLEM)] * 9
    with (
        Edge(server.url, "k.s", patience_seconds=0.3) as edge,
        pytest.raises(CommandError, match="Gave up"),
    ):
        edge.send([b"{}"])


def test_nobody_there() -> None:
    with (
        Edge("http://127.0.0.1:1", "k.s", patience_seconds=0) as edge,
        pytest.raises(CommandError, match="answer"),
    ):
        edge.send([b"{}"])


@pytest.mark.parametrize("status", [400, 401, 413, 500])
def test_a_batch_refused_as_a_whole_is_an_error(server: ScriptedServer, status: int) -> None:
    server.answers = [(status, {}, b'{"detail":"no"}')]
    with Edge(server.url, "k.s") as edge, pytest.raises(CommandError, match=f"{status} no"):
        edge.send([b"{}", b"{}"])


def test_a_row_too_large_for_any_batch_is_a_refused_row(server: ScriptedServer) -> None:
    server.answers = [(413, {}, b"")]
    with Edge(server.url, "k.s") as edge:
        assert edge.send([b"{}"]).rows[0].reason == "too_large"


@pytest.mark.parametrize(
    ("sizes", "batch_sizes"),
    [
        ([], []),
        ([2] * (2 * BATCH_ROWS + 1), [BATCH_ROWS, BATCH_ROWS, 1]),
        ([BATCH_BYTES // 3] * 3 + [2 * BATCH_BYTES, 1], [2, 1, 1, 1]),
    ],
)
def test_batches_are_cut_by_number_and_by_size(sizes: list[int], batch_sizes: list[int]) -> None:
    rows = [b"x" * size for size in sizes]
    cut = list(batches(rows))
    assert [len(rows[batch]) for batch in cut] == batch_sizes
    assert b"".join(b"".join(rows[batch]) for batch in cut) == b"".join(rows)


def test_a_broken_run_goes_on_where_it_was(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASQUI_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("CHASQUI_SOURCE_KEY", "k.s")
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(b'{"n":%d}' % number for number in range(BATCH_ROWS + 2)))
    server.answers = [(202, {}, ACCEPTED), (400, {}, b"{}"), (202, {}, ACCEPTED)]
    assert CliRunner().invoke(publish, [str(path), "--url", server.url]).exit_code == 1
    assert CliRunner().invoke(publish, [str(path), "--url", server.url]).exit_code == 0
    assert [body.count(b"\n") + 1 for body in server.bodies] == [BATCH_ROWS, 2, 2]
    assert list((tmp_path / "publish").iterdir()) == []
