"""A broken run goes on where it was; another file starts anew."""

from pathlib import Path

import pytest

from services.cli.errors import CommandError
from services.cli.position import Position, content_mark


def test_a_position_belongs_to_one_content_and_target(tmp_path: Path) -> None:
    mark = content_mark([b"a", b"b"], "here")
    Position(tmp_path / "deep" / "p", mark).write(1)
    assert Position(tmp_path / "deep" / "p", mark).read() == 1
    for other in (content_mark([b"a"], "here"), content_mark([b"a", b"b"], "there")):
        assert Position(tmp_path / "deep" / "p", other).read() == 0


def test_a_finished_run_leaves_nothing(tmp_path: Path) -> None:
    position = Position(tmp_path / "p", "mark")
    position.write(7)
    position.forget()
    position.forget()
    assert position.read() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_broken_position_is_told(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"{")
    with pytest.raises(CommandError, match="cannot be read"):
        Position(tmp_path / "p", "mark").read()
