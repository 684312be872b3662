"""A failpoint ends the process where it was told to, and nothing else happens anywhere."""

import os
import subprocess
import sys
from signal import SIGCONT, SIGKILL

import pytest
from pydantic import ValidationError

from services.runtime.failpoints import Point, go_on, parse_failpoint
from services.runtime.settings import RuntimeSettings, wrong_settings

PASSES = """
import sys
from services.runtime.failpoints import Point, parse_failpoint
passing = parse_failpoint(sys.argv[1])
for number in range(5):
    print(number, flush=True)
    passing(Point.COMMITTED)
    passing(Point.STORE_WRITTEN)
"""


def test_without_one_every_point_is_a_function_that_does_nothing() -> None:
    assert RuntimeSettings().failpoint == ""
    assert parse_failpoint("") is go_on
    assert [go_on(point) for point in Point] == [None] * len(Point)


@pytest.mark.parametrize(("spec", "began"), [("store-written", 1), ("committed:3", 3)])
def test_it_kills_at_the_nth_passing(spec: str, began: int) -> None:
    ended = subprocess.run([sys.executable, "-c", PASSES, spec], capture_output=True, check=False)
    assert ended.returncode == -SIGKILL
    assert len(ended.stdout.split()) == began


def test_it_stops_there_and_goes_on_when_it_may() -> None:
    command = [sys.executable, "-c", PASSES, "committed:3:stop"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sleeper:
        _, status = os.waitpid(sleeper.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        sleeper.send_signal(SIGCONT)
        output, _ = sleeper.communicate()
    assert sleeper.returncode == 0
    assert len(output.split()) == 5


def test_another_point_or_a_later_passing_ends_nothing() -> None:
    for spec in ("recovery", "committed:9"):
        subprocess.run([sys.executable, "-c", PASSES, spec], capture_output=True, check=True)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("commited", "a failpoint is one of transaction-open, .* not 'commited'"),
        ("committed:0", "from 1 on, not '0'"),
        ("committed:often", "from 1 on, not 'often'"),
        ("committed:1:sleep", "or it says stop, not 'sleep'"),
    ],
)
def test_a_wrong_one_is_a_sentence_at_start(
    spec: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHASQUI_FAILPOINT", spec)
    with pytest.raises(ValidationError, match=says) as wrong:
        RuntimeSettings()
    assert wrong_settings(wrong.value).startswith("CHASQUI_FAILPOINT is wrong: a failpoint")
