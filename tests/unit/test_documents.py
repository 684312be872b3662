"""What the documents name is there: files, commands, options, targets of make."""

import re
from pathlib import Path

import pytest
from click import Group

from services.cli.main import main

PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), Path("CHANGELOG.md")]
PAGES += sorted(Path("docs").rglob("*.md"))
LINK = re.compile(r"\]\((?P<path>[^)#\s:]+)(?:#[\w-]+)?\)")
COMMAND = re.compile(
    r"(?:^|`)chasqui (?P<words>[a-z-]+(?: [a-z-]+)?)(?P<rest>[^`#\n]*)", re.MULTILINE
)
OPTION = re.compile(r"--[a-z][a-z-]+")
TARGET = re.compile(r"(?:^|`)make (?P<target>[a-z][a-z-]*)", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))


def options_of(words: list[str]) -> set[str]:
    """Of a command; of a group (`list, show, replay [--edit]`) those of all that is in it."""
    found = main.get_command(None, words[0])  # type: ignore[arg-type]
    assert found is not None, words
    if not isinstance(found, Group):
        return set().union(*(each.opts for each in found.params))
    assert len(words) == 1 or words[1] in found.commands, words
    return {o for one in found.commands.values() for each in one.params for o in each.opts}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for link in LINK.finditer(text):
        assert (page.parent / link["path"]).exists(), link["path"]
    assert {found["target"] for found in TARGET.finditer(text)} <= TARGETS
    for found in COMMAND.finditer(text):
        named = set(OPTION.findall(found["rest"]))
        assert named <= options_of(found["words"].split()), found["words"]


def test_something_is_named() -> None:
    text = Path("README.md").read_text("utf-8")
    assert len(LINK.findall(text)) > 10
    assert len(COMMAND.findall(text)) > 20
