"""What deploy/prometheus names is there: metrics in the code, a page for each alert, commands."""

import re
from pathlib import Path

import pytest
from click import Group

from services.cli.main import main
from tests.support.deployed import RULE_TESTS, Alert, alerts, metrics_of, rules_text
from tests.support.exposed import families, registries

RUNBOOK = Path("docs/runbook")
PAGES = sorted(page for page in RUNBOOK.glob("*.md") if page.name != "README.md")
LINK = re.compile(r"\]\((?P<path>[^)#]+)\)")
COMMAND = re.compile(r"`chasqui (?P<words>[a-z-]+(?: [a-z]+)?)")
SETTING = re.compile(r"CHASQUI_[A-Z_]+")


def test_every_metric_in_a_rule_exists() -> None:
    known = {name for registry in registries().values() for name in families(registry)}
    named = metrics_of(rules_text())
    assert len(named) > 8
    assert named <= known


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    assert sorted(each.name for each in alerts()) == [page.stem for page in PAGES]
    for each in alerts():
        assert each.says("runbook_url") == f"docs/runbook/{each.name}.md"
        assert each.says("summary").endswith(".")
        assert each.says("severity") in {"critical", "warning", "none"}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_every_alert_is_seen_to_fire_and_not_to_fire(alert: Alert) -> None:
    said = "".join(path.read_text("utf-8") for path in sorted(RULE_TESTS.glob("*.yml")))
    assert f"- alertname: {alert.name}\n" in said
    assert f"{{alertname: {alert.name}, " in said or alert.name == "ChasquiPrometheusWatchdog"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_to_do_with_what_there_is(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.stem}\n\n**Means.** ")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Look at", "## Do"]
    for link in LINK.finditer(text):
        assert (page.parent / link["path"]).exists(), link["path"]
    for command in COMMAND.finditer(text):
        assert _is_a_command(command["words"].split()), command["words"]
    for setting in SETTING.findall(text):
        assert setting.removeprefix("CHASQUI_").lower() in _settings(), setting


def test_the_list_of_pages_is_whole() -> None:
    listed = re.findall(
        r"^- \[(\w+)\]\(\w+\.md\)$", (RUNBOOK / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert listed == [page.stem for page in PAGES]


def _is_a_command(words: list[str]) -> bool:
    command = main.get_command(None, words[0])  # type: ignore[arg-type]
    if isinstance(command, Group) and len(words) > 1:
        return words[1] in command.commands
    return command is not None


def _settings() -> set[str]:
    sources = (path.read_text("utf-8") for path in Path("services").rglob("settings.py"))
    return {
        name for source in sources for name in re.findall(r"^    (\w+): ", source, re.MULTILINE)
    }
