"""The commands are there, and what goes wrong in them is one sentence."""

import click
import pytest
from click.testing import CliRunner

from services.cli import main as program
from services.cli.stack import readable


@pytest.mark.parametrize("name", program.COMMANDS)
def test_every_command_loads_and_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(program.main, [name, "--help"])
    assert answer.exit_code == 0
    command = program.main.get_command(click.Context(program.main), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_an_unknown_command_is_a_sentence() -> None:
    answer = CliRunner().invoke(program.main, ["uo"])
    assert answer.exit_code == 2
    assert "No such command 'uo'" in answer.output


def test_an_unexpected_error_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(program.COMMANDS, "broken", f"{__name__}:broken")
    answer = CliRunner().invoke(program.main, ["broken"])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: Not expected: ZeroDivisionError: division by zero")
    shown = CliRunner().invoke(program.main, ["--traceback", "broken"])
    assert isinstance(shown.exception, ZeroDivisionError)


def test_a_file_that_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(program.COMMANDS, "lost", f"{__name__}:lost")
    answer = CliRunner().invoke(program.main, ["lost"])
    assert answer.exit_code == 1
    assert answer.output == "Error: nowhere: No such file or directory.\n"


def test_log_lines_are_laid_out_and_other_lines_left_alone() -> None:
    line = (
        '{"event": "kafka is there", "level": "info", "at": "2026-01-05T10:11:12Z", "created": 3}'
    )
    assert readable(line) == "10:11:12 INFO    kafka is there created=3"
    assert readable("40 ambulances are late") == "40 ambulances are late"
    assert readable("[1, 2]") == "[1, 2]"


@click.command("broken")
def broken() -> None:
    1 / 0  # noqa: B018 - the error is the point


@click.command("lost")
def lost() -> None:
    open("nowhere")  # noqa: PTH123, SIM115 - the error is the point
