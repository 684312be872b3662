"""`chasqui accept`: an operator takes a discrepancy as it is."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from schemas.vocabulary import AcceptableDelay
from services.cli.moment import MOMENT
from services.cli.operator_words import key_file_option, note_option, say, url_option
from services.cli.subject import SUBJECT, Subject


@click.command("accept", short_help="Accept what lacks or is damaged.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.argument("delay", type=click.Choice(get_args(AcceptableDelay)))
@note_option
@click.option("--at", type=MOMENT, help="Accept what occurred up to this moment (default: now).")
@key_file_option
@url_option
def accept(
    subject: Subject,
    delay: str,
    *,
    note: str,
    at: datetime | None,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Accept what lacks or is damaged of KIND/ID: its DELAY ends, a later discrepancy starts anew.

    Speaks as CHASQUI_PUBLISHER under a key with the scope `operator`.
    """
    words: dict[str, object] = {"type": "discrepancy_accepted", "delay": delay, "note": note}
    say(subject, words, at=at, key_file=key_file, url=url)
