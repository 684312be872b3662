"""The rules and their own tests, judged by Prometheus's own promtool."""

import shutil
import subprocess
from pathlib import Path

from tests.support.prometheus import MISSING

FOLDER = Path("deploy/prometheus")


def promtool(*arguments: str) -> str:
    program = shutil.which("promtool")
    assert program, MISSING
    done = subprocess.run(
        [program, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def names(pattern: str) -> list[str]:
    found = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.glob(pattern))
    assert found, pattern
    return found


def test_the_configuration_and_all_that_it_names_are_sound() -> None:
    said = promtool("check", "config", "prometheus.yml")
    assert f"SUCCESS: {len(names('rules/*.yml'))} rule files found" in said


def test_the_rules_are_sound() -> None:
    said = promtool("check", "rules", *names("rules/*.yml"))
    assert said.count("SUCCESS") == len(names("rules/*.yml"))


def test_the_rules_do_what_their_tests_say() -> None:
    said = promtool("test", "rules", *names("tests/*.yml"))
    assert said.count("SUCCESS") == len(names("tests/*.yml"))
