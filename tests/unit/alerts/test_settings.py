"""Wrong settings of sinks are said before anything is sent."""

import base64
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.alerts.core.delay import Audience
from services.alerts.settings import AlertsSettings, MissingSettingError, policy_of, speed_of
from services.alerts.sinks import SINKS
from services.alerts.sinks.outbound import UnsafeTargetError, safe_url
from services.alerts.sinks.pagerduty import WrongRoutingKeyError, read_routing_key
from services.alerts.sinks.webhook import WeakSecretError, read_secrets
from services.runtime.clock import parse_clock

SHORT = base64.b64encode(b"short").decode()
CLOCK = parse_clock("wall")


@pytest.mark.parametrize("value", [None, "", "  ", ","])
def test_no_list_of_sinks_means_the_log(value, monkeypatch):
    monkeypatch.delenv("CHASQUI_ALERTS_SINKS", raising=False)
    if value is not None:
        monkeypatch.setenv("CHASQUI_ALERTS_SINKS", value)
    assert AlertsSettings().alerts_sinks == ("log",)


def test_sinks_are_named_with_commas(monkeypatch):
    monkeypatch.setenv("CHASQUI_ALERTS_SINKS", "log, webhook,alertmanager,log")
    monkeypatch.setenv("CHASQUI_ALERTS_ALERTMANAGER_URLS", "https://a.example, https://b.example")
    settings = AlertsSettings()
    assert settings.alerts_sinks == ("log", "webhook", "alertmanager")
    assert settings.alerts_alertmanager_urls == ("https://a.example", "https://b.example")


def test_an_unknown_sink_is_refused(monkeypatch):
    monkeypatch.setenv("CHASQUI_ALERTS_SINKS", "pigeon")
    with pytest.raises(ValidationError, match="alerts_sinks"):
        AlertsSettings()


@pytest.mark.parametrize("name", ["webhook", "pagerduty", "alertmanager"])
def test_a_sink_without_its_settings_is_refused(name):
    with pytest.raises(MissingSettingError):
        SINKS[name](AlertsSettings(alerts_sinks=(name,)), CLOCK)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "http://10.0.0.1/x",
        "http://127.0.0.1.example/x",
        "ftp://127.0.0.1/x",
        "https://user:secret@hooks.example/x",
        "https://hooks.example/x#y",
        "hooks.example/x",
        "",
    ],
)
def test_nothing_is_sent_to_an_unsafe_target(url):
    with pytest.raises(UnsafeTargetError) as refused:
        safe_url(url, loopback=True)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9093", "http://localhost:1", "http://[::1]:1"])
def test_plain_http_goes_to_this_machine_only_where_allowed(url):
    assert safe_url(url + "/", loopback=True) == url
    with pytest.raises(UnsafeTargetError):
        safe_url(url, loopback=False)


@pytest.mark.parametrize("text", ["", "secret", "whsec_", "whsec_!!!", f"whsec_{SHORT}"])
def test_a_weak_secret_signs_nothing(text, tmp_path):
    path = tmp_path / "secret"
    path.write_text(text)
    with pytest.raises(WeakSecretError) as refused:
        read_secrets(path)
    assert SHORT not in str(refused.value)


@pytest.mark.parametrize("text", ["", "xyz", "x" * 31, "x" * 33, "x" * 16 + "-" + "x" * 15])
def test_what_is_no_routing_key_is_not_sent(text, tmp_path):
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(WrongRoutingKeyError) as refused:
        read_routing_key(path)
    assert not text or text not in str(refused.value)


def test_pagerduty_has_the_audiences_that_have_a_key(tmp_path):
    key = tmp_path / "key"
    key.write_text("x" * 32)
    alone = AlertsSettings(alerts_sinks=("pagerduty",), alerts_pagerduty_routing_key_file=str(key))
    both = alone.model_copy(update={"alerts_pagerduty_stewards_routing_key_file": key})
    assert policy_of(alone, CLOCK).routes[0].audiences == {Audience.ON_CALL}
    assert policy_of(both, CLOCK).routes[0].audiences == set(Audience)


def test_data_stewards_have_a_webhook_only_when_it_is_named():
    settings = AlertsSettings(
        alerts_sinks=("webhook", "log"), alerts_webhook_url="https://a.example"
    )
    webhook, log = policy_of(settings, CLOCK).routes
    assert webhook.audiences == {Audience.ON_CALL}
    assert log.audiences == set(Audience)


@pytest.mark.parametrize(
    ("spec", "speed"), [("wall", 1), ("journal", None), ("2026-01-05T00:00:00Z x30000", 30_000)]
)
def test_the_speed_of_business_time(spec, speed):
    found = speed_of(parse_clock(spec))
    assert found == (None if speed is None else pytest.approx(speed, rel=0.01))


def test_wall_time_limits_have_sane_defaults():
    policy = policy_of(AlertsSettings(), CLOCK)
    assert policy.flap_guard == timedelta(seconds=60)
    assert policy.retry_first == timedelta(seconds=10)
    assert policy.settle <= timedelta(seconds=1)
