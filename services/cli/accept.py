"""`chasqui accept`: an operator takes a discrepancy as it is."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from schemas.vocabulary import AcceptableDelay
from services.cli.moment import MOMENT
from services.cli.operator_words import say
from services.cli.subject import SUBJECT, Subject


@click.command("accept", short_help="Accept what lacks or is damaged.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.argument("delay", type=click.Choice(get_args(AcceptableDelay)))
@click.option("--note", required=True, help="Why it is accepted; kept with the subject for ever.")
@click.option("--at", type=MOMENT, help="Accept what occurred up to this moment (default: now).")
@click.option(
    "--key-file", type=click.Path(path_type=Path), help="File with a key of scope `operator`."
)
@click.option(
    "--url", help="The ingest edge (default: CHASQUI_INGEST_URL or http://127.0.0.1:8080)."
)
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
