"""`chasqui alerting check`."""

from pathlib import Path

from click.testing import CliRunner

from services.cli.alerting import alerting

SHIPPED = Path(__file__).parents[3] / "deploy" / "alerts.toml"


def test_the_shipped_file_can_be_used():
    answer = CliRunner().invoke(alerting, ["check", str(SHIPPED)])
    assert answer.exit_code == 0
    assert answer.output.endswith("alerts.toml: 0 routes, 2 steps, 0 windows.\n")


def test_what_is_wrong_is_said_with_its_field(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('[[escalation]]\nseverity = "grave"\nafter = "PT1H"\n')
    answer = CliRunner().invoke(alerting, ["check", str(path)])
    assert answer.exit_code == 1
    assert "mine.toml: escalation 1, severity: " in answer.output
