"""deploy/Containerfile: what must hold of it without building it."""

import re
from pathlib import Path

from services.alerts.settings import AlertsSettings
from services.cli.health import health
from services.ingest.settings import HttpSettings, KafkaSettings
from services.runtime.settings import RuntimeSettings
from services.tracker.settings import TrackerSettings

TEXT = Path("deploy/Containerfile").read_text()
LAST = TEXT.rpartition("\nFROM ")[2]
PINNED = re.compile(r"^(\S+==\S+)", re.MULTILINE)


def test_its_base_is_pinned() -> None:
    (base,) = re.findall(r"^ARG BASE=(\S+)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"\S+:\d+\.\d+\S*", base)
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == ["${BASE}", "${BASE}"]


def test_it_runs_as_a_number_that_is_not_root() -> None:
    assert re.findall(r"^USER (.*)$", TEXT, re.MULTILINE) == ["10001:10001"]


def test_it_says_whether_it_is_ready() -> None:
    assert re.search(r'^HEALTHCHECK .* CMD \["chasqui", "health"\]$', LAST, re.MULTILINE)
    (url,) = health.params
    assert (
        url.default == f"http://127.0.0.1:{HttpSettings.model_fields['http_port'].default}/readyz"
    )
    assert 'CMD ["ingest", "http"]' in LAST


def test_its_settings_are_those_of_the_code() -> None:
    told = set(re.findall(r"\bCHASQUI_([A-Z_]+)=", LAST))
    known = RuntimeSettings.model_fields.keys() | HttpSettings.model_fields.keys()
    assert {name.lower() for name in told} <= known


def test_every_port_of_a_service_is_named() -> None:
    (line,) = re.findall(r"^EXPOSE (.*)$", LAST, re.MULTILINE)
    services = (HttpSettings, KafkaSettings, TrackerSettings, AlertsSettings)
    ports = {
        each.model_fields[name].default
        for each in services
        for name in ("http_port", "metrics_port")
    }
    assert {int(port) for port in line.split()} == ports - {0}


def test_what_it_copies_is_there_and_is_not_ignored() -> None:
    allowed = Path(".containerignore").read_text().splitlines()
    assert Path(".dockerignore").read_text().splitlines() == allowed
    for line in re.findall(r"^COPY (?!--from)(.*)$", TEXT, re.MULTILINE):
        for source in line.split()[:-1]:
            assert Path(source).exists()
            assert f"!{source}" in allowed


def test_it_gets_what_was_tested_and_no_more() -> None:
    all_of_them = set(PINNED.findall(Path("requirements.lock").read_text()))
    image = Path("deploy/requirements.lock").read_text()
    assert set(PINNED.findall(image)) <= all_of_them
    assert "pytest==" not in image
    assert all("--hash=sha256:" in part for part in re.split(r"\n(?=\S)", image.strip()))
    assert "--require-hashes" in TEXT
