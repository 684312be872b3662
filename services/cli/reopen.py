"""`chasqui reopen`: an operator voids what ended a movement."""

from datetime import datetime
from pathlib import Path

import click

from services.cli.moment import MOMENT
from services.cli.operator_words import key_file_option, note_option, say, url_option
from services.cli.subject import SUBJECT, Subject


@click.command("reopen", short_help="Void what ended a movement.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@note_option
@click.option("--at", type=MOMENT, help="Void what occurred up to this moment (default: now).")
@key_file_option
@url_option
def reopen(
    subject: Subject, *, note: str, at: datetime | None, key_file: Path | None, url: str | None
) -> None:
    """Have KIND/ID go on: what cancelled, confirmed, completed, returned or closed it is void.

    Quantities stay as they were reported. What is late then is told anew.
    Speaks as CHASQUI_PUBLISHER under a key with the scope `operator`.
    """
    say(subject, {"type": "reopened", "note": note}, at=at, key_file=key_file, url=url)
