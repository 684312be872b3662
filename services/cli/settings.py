"""What the commands are told by their environment."""

from pathlib import Path

from pydantic import SecretStr, ValidationError

from services.cli.errors import CommandError
from services.runtime.settings import KeyedSettings, wrong_settings


class CliSettings(KeyedSettings):
    """Where the services answer, and under which key and name the operator speaks."""

    ingest_url: str = "http://127.0.0.1:8080"
    tracker_url: str = "http://127.0.0.1:8081"
    alerts_url: str = "http://127.0.0.1:8082"
    source_key: SecretStr | None = None
    source_key_file: Path | None = None
    publisher: str = ""
    """The operator's own code, for `accept` and `rebaseline`."""

    @property
    def kafka_is_named(self) -> bool:
        """Whether somebody said where Kafka is, rather than nobody."""
        return "kafka_bootstrap_servers" in self.model_fields_set

    def key(self, key_file: Path | None) -> str:
        """The source key from a file or the environment; CommandError when there is none."""
        path = key_file or self.source_key_file
        if path is not None:
            return _read_key(path)
        if self.source_key is not None:
            return self.source_key.get_secret_value()
        raise CommandError(
            "A source key is needed: give --key-file, or set CHASQUI_SOURCE_KEY_FILE"
            " or CHASQUI_SOURCE_KEY."
        )


def _read_key(path: Path) -> str:
    try:
        key = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"The key file {path} cannot be read: {error}."
        raise CommandError(message) from error
    if not key:
        message = f"The key file {path} is empty."
        raise CommandError(message)
    return key


def read_settings() -> CliSettings:
    """The settings of this process; CommandError names the variable that is wrong."""
    try:
        return CliSettings()
    except ValidationError as error:
        raise CommandError(wrong_settings(error)) from error
