"""What `chasqui rebuild` refuses is refused in a sentence that says what to do instead."""

from click.testing import CliRunner

from services.cli.rebuild import rebuild


def test_alerts_do_not_follow_from_a_journal() -> None:
    result = CliRunner().invoke(rebuild, ["alerts"])
    assert result.exit_code == 1
    assert "cannot be made again" in result.output
    assert "delete the topic chasqui.alerts.changelog" in result.output


def test_without_a_kafka_it_says_so() -> None:
    env = {"CHASQUI_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
    result = CliRunner().invoke(rebuild, ["tracker"], env=env)
    assert result.exit_code == 1
    assert "Kafka does not answer at 127.0.0.1:9" in result.output
