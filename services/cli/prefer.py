"""`chasqui prefer`: an operator says which report counts."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from schemas.vocabulary import CountedType
from services.cli.moment import MOMENT
from services.cli.operator_words import key_file_option, note_option, say, url_option
from services.cli.rows import JsonObject
from services.cli.subject import SUBJECT, Subject


@click.command("prefer", short_help="Say which report counts.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.argument("publisher")
@click.option(
    "--type",
    "counted",
    type=click.Choice(get_args(CountedType)),
    help="Of a possible duplicate: PUBLISHER's reports of this type count.",
)
@click.option("--event-id", help="Of a conflict: the event of PUBLISHER told in two ways.")
@click.option("--content", help="Of a conflict: the content that counts, as `chasqui show` has it.")
@note_option
@click.option("--said-at", type=MOMENT, help="When the decision was taken (default: now).")
@key_file_option
@url_option
def prefer(  # noqa: PLR0913 - one for each of its options
    subject: Subject,
    publisher: str,
    *,
    counted: str | None,
    event_id: str | None,
    content: str | None,
    note: str,
    said_at: datetime | None,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Resolve a doubt of KIND/ID: the reports of PUBLISHER count.

    Either --type, for a possible duplicate, or --event-id and --content, for a conflict.
    Speaks as CHASQUI_PUBLISHER under a key with the scope `operator`.
    """
    words = {
        "note": note,
        "type": "preferred",
        **_resolution(publisher, counted, event_id, content),
    }
    say(subject, words, at=said_at, key_file=key_file, url=url)


def _resolution(
    publisher: str, counted: str | None, event_id: str | None, content: str | None
) -> JsonObject:
    """The doubt and what counts; a wrong usage where the options are of neither or of both."""
    if counted and not event_id and not content:
        counts = {"publisher": publisher, "type": counted}
        return {"doubt": "possible_duplicate", "counts": counts}
    if event_id and content and not counted:
        counts = {"publisher": publisher, "event_id": event_id, "content": content}
        return {"doubt": "conflict", "counts": counts}
    raise click.UsageError("say --type, or --event-id and --content")
