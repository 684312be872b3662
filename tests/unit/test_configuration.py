"""What can be set is what docs/configuration.md says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from services.alerts.settings import AlertsSettings
from services.cli.health import health
from services.cli.settings import CliSettings
from services.ingest.settings import HttpSettings, KafkaSettings
from services.runtime.settings import RuntimeSettings
from services.tracker.settings import TrackerSettings

DOCUMENT = Path("docs/configuration.md").read_text("utf-8")
ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \| ([^|]*?) ?\| ", re.MULTILINE)
PROCESSES: dict[str, type[RuntimeSettings]] = {
    "ingest": HttpSettings,
    "ingest-kafka": KafkaSettings,
    "tracker": TrackerSettings,
    "alerts": AlertsSettings,
    "commands": CliSettings,
}
ROWS = [(name, of, default) for name, of, default in ROW.findall(DOCUMENT) if name != "HEALTH_URL"]
PAGES = [Path("README.md"), Path("CONTRIBUTING.md"), *sorted(Path("docs").rglob("*.md"))]
NAMED = re.compile(r"\bCHASQUI_([A-Z]+(?:_[A-Z]+)*)\b")
"""A setting as other pages name it."""


def as_written(field: FieldInfo) -> str:
    """A default as a person would set it."""
    match field.default:
        case None | ():
            return ""
        case tuple() as words:
            return ",".join(words)
        case timedelta() as span:
            return str(TypeAdapter(timedelta).dump_python(span, mode="json"))
        case value:
            return str(value)


def test_every_setting_stands_there_once() -> None:
    known = {name.upper() for each in PROCESSES.values() for name in each.model_fields}
    assert sorted(name for name, _, _ in ROWS) == sorted(known)


@pytest.mark.parametrize(("name", "of", "default"), ROWS, ids=[name for name, _, _ in ROWS])
def test_a_setting_is_of_these_processes_with_this_default(
    name: str, of: str, default: str
) -> None:
    processes = list(PROCESSES) if of == "all" else of.split(", ")
    fields = [PROCESSES[each].model_fields[name.lower()] for each in processes]
    assert ", ".join(dict.fromkeys(as_written(field) for field in fields)) == default


def test_the_address_that_health_asks_is_the_documented_one() -> None:
    (url,) = health.params
    assert f"| `{url.envvar}`".replace("CHASQUI_", "") in DOCUMENT
    assert f"| {url.default} |" in DOCUMENT


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_page_names_a_setting_that_there_is_not(page: Path) -> None:
    known = {name for name, _, _ in ROW.findall(DOCUMENT)}
    named = set(NAMED.findall(page.read_text("utf-8")))
    assert named <= known
