"""What the tests of alerts' sinks may ask for."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.alerts.settings import AlertsSettings
from services.runtime.clock import Clock, parse_clock
from tests.integration.alerts.receiver import Receiver

SECRET = bytes(range(32))
SIGNING_SECRET = base64.b64encode(SECRET).decode()
ROUTING_KEY = "R0ut1ngKeyOf0nCall00000000000001"
STEWARDS_KEY = "R0ut1ngKeyOfStewards000000000002"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as listening:
        yield listening


@pytest.fixture
def clock() -> Clock:
    return parse_clock("wall")


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "webhook.secret"
    path.write_text(f"whsec_{SIGNING_SECRET}\n")
    return path


@pytest.fixture
def settings(receiver: Receiver, secret_file: Path, tmp_path: Path) -> AlertsSettings:
    """Every sink, all of them at the receiver."""
    routing, stewards = tmp_path / "routing.key", tmp_path / "stewards.key"
    routing.write_text(f"{ROUTING_KEY}\n")
    stewards.write_text(f"{STEWARDS_KEY}\n")
    return AlertsSettings(
        alerts_sinks=("log", "webhook", "pagerduty", "alertmanager"),
        alerts_webhook_url=f"{receiver.url}/hook",
        alerts_webhook_stewards_url=f"{receiver.url}/stewards",
        alerts_webhook_secret_file=secret_file,
        alerts_pagerduty_url=f"{receiver.url}/v2/enqueue",
        alerts_pagerduty_routing_key_file=routing,
        alerts_pagerduty_stewards_routing_key_file=stewards,
        alerts_alertmanager_urls=(receiver.url,),
        alerts_allow_loopback_http=True,
    )
