"""The alerts file made into a policy."""

from datetime import timedelta

import pytest

from services.alerts.core.policy import Step
from services.alerts.settings import AlertsSettings, policy_of
from services.runtime.clock import parse_clock

CLOCK = parse_clock("wall")
FILE = """
[[routes]]
countries = ["EC"]
sinks = ["log"]

[[escalation]]
severity = "warning"
after = "PT8H"

[[escalation]]
severity = "critical"
after = "PT2H"

[[escalation]]
severity = "critical"
after = "PT15M"
sinks = ["log"]
"""


def policy(folder, text):
    path = folder / "alerts.toml"
    path.write_text(text)
    return policy_of(AlertsSettings(alerts_file=path), CLOCK)


def test_without_a_file_critical_alerts_escalate_and_every_sink_hears_of_all():
    built_in = policy_of(AlertsSettings(), CLOCK)
    assert built_in.choices == ()
    assert [step.severity for step in built_in.steps] == ["critical", "critical"]
    assert built_in.storm is not None
    assert built_in.acknowledged_for == timedelta(hours=4)


def test_steps_are_numbered_within_their_severity_by_their_time(tmp_path):
    steps = policy(tmp_path, FILE).steps
    assert set(steps) == {
        Step("critical", 1, timedelta(minutes=15), frozenset({"log"})),
        Step("critical", 2, timedelta(hours=2)),
        Step("warning", 1, timedelta(hours=8)),
    }


def test_a_sink_that_is_not_configured_is_refused(tmp_path):
    with pytest.raises(ValueError, match="sends to pagerduty, but CHASQUI_ALERTS_SINKS names"):
        policy(tmp_path, FILE.replace('"log"', '"pagerduty"', 1))


def test_a_bad_file_is_refused_with_its_name_and_the_field(tmp_path):
    with pytest.raises(ValueError, match=r"alerts\.toml: storm, often: no such field\.$"):
        policy(tmp_path, "[storm]\noften = 3")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        policy_of(AlertsSettings(alerts_file=tmp_path / "none.toml"), CLOCK)
