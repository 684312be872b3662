"""`chasqui rebaseline`: an operator sets a new due date."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from schemas.times import wire
from schemas.vocabulary import Milestone
from services.cli.moment import MOMENT
from services.cli.operator_words import key_file_option, note_option, say, url_option
from services.cli.subject import SUBJECT, Subject


@click.command("rebaseline", short_help="Set a new due date.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.argument("milestone", type=click.Choice(get_args(Milestone)))
@click.argument("at", type=MOMENT, metavar="AT")
@click.option(
    "--leg",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="For departed and arrived.",
)
@note_option
@click.option("--said-at", type=MOMENT, help="When the decision was taken (default: now).")
@key_file_option
@url_option
def rebaseline(  # noqa: PLR0913 - one for each of its options
    subject: Subject,
    milestone: str,
    at: datetime,
    *,
    leg: int,
    note: str,
    said_at: datetime | None,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Measure the MILESTONE of KIND/ID against AT from now on, such as 2026-04-15T00:00:00Z.

    Lateness is measured against a frozen baseline; this is the one way to move it.
    Speaks as CHASQUI_PUBLISHER under a key with the scope `operator`.
    """
    words: dict[str, object] = {
        "type": "rebaselined", "milestone": milestone, "leg": leg, "at": wire(at), "note": note,
    }  # fmt: skip
    say(subject, words, at=said_at, key_file=key_file, url=url)
