"""The end of time, written into the journal."""

from datetime import datetime
from time import sleep

from schemas.topics import FIELD_REPORTS
from services.cli.broadcasting import append_to_all
from services.cli.errors import CommandError
from services.cli.log_reader import lag

INGEST_GROUP = "chasqui.ingest"
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 300


def append_ticks(bootstrap: str, at: datetime) -> None:
    """Let every partition's time reach `at`; a repeated tick is harmless."""
    append_to_all(bootstrap, {"type": "tick"}, at)


def await_field_reports(bootstrap: str) -> None:
    """Wait until ingest has admitted all field reports; CommandError when it does not."""
    for _ in range(int(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
        if lag(bootstrap, INGEST_GROUP, FIELD_REPORTS.full_name) == 0:
            return
        sleep(_PAUSE_SECONDS)
    message = (
        f"ingest did not take all field reports within {_PATIENCE_SECONDS} s; time was not ended."
    )
    raise CommandError(message)
