"""Alertmanager laid out as in deploy/compose.yaml: its own files, the script's secrets, TLS."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.alerts.core.standing import watchdog
from services.alerts.settings import AlertsSettings
from services.alerts.sinks import LEVEL_SINKS
from services.cli.broker import free_port
from services.runtime.clock import Clock
from tests.integration.alerts.alertmanager import MISSING, PROGRAM
from tests.integration.alerts.site import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Its configuration with the secrets beside it."""
    shutil.copytree("deploy/alertmanager", tmp_path / "etc")
    make_secrets(tmp_path / "etc" / "secrets")
    return tmp_path


@pytest.fixture
def another(tmp_path: Path) -> Path:
    """An authority that has nothing to do with it."""
    make_secrets(tmp_path / "another")
    return tmp_path / "another" / "ca.crt"


def make_secrets(place: Path) -> None:
    script = ("sh", "deploy/make-secrets.sh", str(place))
    subprocess.run(script, check=True, capture_output=True)


@pytest.fixture
def trust(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "etc/secrets/ca.crt"))


@pytest.fixture
def url(folder: Path, trust: ssl.SSLContext) -> Iterator[str]:
    program = shutil.which(PROGRAM)
    assert program, MISSING
    port = free_port()
    command = [
        program,
        f"--config.file={folder}/etc/alertmanager.yml",
        f"--web.config.file={folder}/etc/web.yml",
        f"--storage.path={folder}/alerts",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    url = f"https://127.0.0.1:{port}"

    def ready() -> bool:
        assert child.poll() is None, (folder / "log").read_text()
        try:
            return httpx.get(f"{url}/-/ready", verify=trust, timeout=2).is_success
        except httpx.TransportError:
            return False

    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        eventually(ready, "alertmanager is ready")
        yield url
    finally:
        child.terminate()
        child.wait(20)


async def shown(settings: AlertsSettings, clock: Clock) -> str:
    """How Alertmanager takes the watchdog."""
    sink = LEVEL_SINKS["alertmanager"](settings, clock)
    (answer,) = await sink.show([watchdog(clock.wall())])
    await sink.close()
    return answer.outcome


def listed(url: str, trust: ssl.SSLContext) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{url}/api/v2/alerts", verify=trust).json()
    return found


async def test_alerts_trusts_the_authority_of_the_script_and_no_other(
    folder: Path, url: str, trust: ssl.SSLContext, clock: Clock
) -> None:
    settings = AlertsSettings(alerts_alertmanager_urls=(url,))
    assert await shown(settings, clock) == "retry"
    authority = folder / "etc/secrets/ca.crt"
    known = settings.model_copy(update={"alerts_ca_file": authority})
    assert await shown(known, clock) == "ok"
    (alert,) = listed(url, trust)
    assert alert["labels"]["alertname"] == "Watchdog"
    assert [each["name"] for each in alert["receivers"]] == ["dead-man"]


async def test_what_the_system_trusts_is_trusted_besides(
    folder: Path, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, another: Path
) -> None:
    settings = AlertsSettings(alerts_alertmanager_urls=(url,), alerts_ca_file=another)
    assert await shown(settings, clock) == "retry"
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "etc/secrets/ca.crt"))
    assert await shown(settings, clock) == "ok"
