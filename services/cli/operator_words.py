"""What operators say of a subject, sent through the edge like every other event."""

from datetime import datetime
from pathlib import Path

import click
import orjson

from schemas.times import wire
from services.cli.edge import Edge
from services.cli.errors import CommandError
from services.cli.rows import JsonObject
from services.cli.settings import CliSettings, read_settings
from services.cli.subject import Subject
from services.runtime.clock import parse_clock

note_option = click.option(
    "--note", required=True, help="The reason; kept with the subject for ever. No person's data."
)
key_file_option = click.option(
    "--key-file", type=click.Path(path_type=Path), help="File with a key of scope `operator`."
)
url_option = click.option(
    "--url", help="The ingest edge (default: CHASQUI_INGEST_URL or http://127.0.0.1:8080)."
)


def say(
    subject: Subject,
    words: JsonObject,
    *,
    at: datetime | None,
    key_file: Path | None,
    url: str | None,
) -> None:
    """Send one operators' event and tell what became of it; CommandError when it is refused."""
    settings = read_settings()
    moment = wire(at or parse_clock(settings.clock).now())
    event = {
        "publisher": _publisher(settings),
        "kind": subject.kind,
        "subject_id": subject.subject_id,
        "classifier": "actual",
        "occurred_at": moment,
        "recorded_at": moment,
        **words,
    }
    with Edge(url or settings.ingest_url, settings.key(key_file), patience_seconds=30) as edge:
        answer = edge.send([orjson.dumps(event)])
    row = answer.rows[0]
    if answer.refused:
        message = f"Refused: {row.reason} at {row.field or 'the event'}: {row.detail}."
        raise CommandError(message)
    click.echo(f"Accepted as {row.event_id}, said at {moment}.")


def _publisher(settings: CliSettings) -> str:
    if not settings.publisher:
        message = "Say who speaks: set CHASQUI_PUBLISHER to the operators' own code."
        raise CommandError(message)
    return settings.publisher
