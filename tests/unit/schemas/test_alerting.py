"""The alerts file: what it takes, and that it refuses the rest in one sentence naming the field."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.alerting import MOST_BYTES, AlertingFile, parse_alerting

SHIPPED = Path(__file__).parents[3] / "deploy" / "alerts.toml"
WINDOW = """
[[maintenance]]
name = "strike"
starts_at = 2026-03-02T00:00:00-05:00
ends_at = 2026-03-04T00:00:00-05:00
"""


def test_the_shipped_file_is_what_is_built_in():
    assert parse_alerting(SHIPPED.read_text(encoding="utf-8")) == AlertingFile()
    assert parse_alerting("") == AlertingFile()


def test_the_examples_in_the_shipped_file_are_taken():
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    starts = [lines.index(f"# [[{name}]]") for name in ("routes", "maintenance")]
    examples = []
    for start in starts:
        end = next(i for i in range(start, len(lines)) if not lines[i].startswith("#"))
        examples += [line.removeprefix("# ") for line in lines[start:end]]
    file = parse_alerting("\n".join(examples))
    assert file.routes[0].sinks == ("pagerduty", "log")
    assert file.maintenance[0].starts_at == datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_a_section_that_stands_in_the_file_replaces_the_built_in_one_whole():
    file = parse_alerting('escalation = []\n[remind]\ninfo = "P7D"\n[storm]')
    assert file.escalation == ()
    assert (file.remind.info, file.remind.critical) == (timedelta(days=7), None)
    assert file.storm.alerts_a_minute is None
    assert file.acknowledge == AlertingFile().acknowledge


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("storms = 1", "storms: no such field"),
        ('[[routes]]\nsinks = ["log"]\ncountry = ["EC"]', "routes 1, country: no such field"),
        ('[[routes]]\ncountries = ["EC"]', "routes 1, sinks: Field required"),
        ('[[routes]]\nsinks = ["log"]\ncountries = []', "routes 1, countries: "),
        ('[[routes]]\nsinks = ["log"]\ncountries = "EC"', "routes 1, countries: "),
        ('[[routes]]\nsinks = ["log"]\nseverities = ["loud"]', "routes 1, severities 1: "),
        ('[acknowledge]\nlasts = "PT0S"', "acknowledge, lasts: "),
        ("[acknowledge]\nlasts = 3600", "acknowledge, lasts: a duration is a text, as PT24H"),
        ('[[escalation]]\nafter = "PT1H"', "escalation 1, severity: Field required"),
        ('[remind]\ncritical = "PT1S"', "remind, critical: "),
        ("[storm]\nalerts_a_minute = 0", "storm, alerts_a_minute: "),
        (WINDOW, "maintenance 1: strike names neither countries, agencies nor subjects"),
        (WINDOW + 'subjects = ["EC-1"]', "maintenance 1, subjects 1: "),
        (WINDOW.replace("-05:00", "") + 'countries = ["EC"]', "a time needs an offset"),
        (WINDOW.replace("04T", "01T") + 'countries = ["EC"]', "strike ends before it starts"),
        ((WINDOW + 'countries = ["EC"]\n') * 2, "two maintenance windows are called strike"),
        ('[[escalation]]\nseverity = "info"\nafter = "PT1H"\n' * 2, "two steps of escalation"),
        ("[storm", "Expected"),
        ("#" * (MOST_BYTES + 1), "an alerts file has at most"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text, says):
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        parse_alerting(text)
    assert "\n" not in str(refused.value)
