"""The Prometheus and the Alertmanager of `make demo OBSERVE=1`, with what deploy/ ships."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.demo import observers
from deploy.demo.observers import Observers
from services.cli.broker import free_port
from services.cli.errors import CommandError
from services.cli.parts import Ports
from tests.integration.alerts.site import eventually

DELAY = {"alertname": "Held", "severity": "critical", "subject": "EC-AMB-0017", "delay": "held"}


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> Ports:
    """None of the demo's own, which may be running."""
    for name in ("PROMETHEUS", "ALERTMANAGER"):
        usual = getattr(observers, name)
        monkeypatch.setattr(observers, name, usual._replace(port=free_port()))
    return Ports(http=free_port(), metrics=free_port())


@pytest.fixture
def running(tmp_path: Path, ports: Ports) -> Iterator[Observers]:
    with Observers(tmp_path / "observers", ports) as running:
        yield running


def test_what_is_open_is_told_as_alertmanager_lists_it(running: Observers) -> None:
    url = running.told["CHASQUI_ALERTS_ALERTMANAGER_URLS"]
    httpx.post(f"{url}/api/v2/alerts", json=[{"labels": DELAY}]).raise_for_status()
    said = "Open alerts, as Alertmanager lists them: Held EC-AMB-0017 (critical)"
    eventually(lambda: running.open_alerts().startswith(said), "it is listed, and first")
    eventually(lambda: "of 4 processes" in running.where_to_look(), "all are scraped", 60)
    prometheus = "ChasquiPrometheusWatchdog (none)"
    eventually(lambda: prometheus in running.open_alerts(), "Prometheus tells it too", 120)


def test_a_port_that_is_taken_is_a_sentence(running: Observers, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"port \d+ on loopback is taken"):
        Observers(tmp_path / "others", Ports()).__enter__()
