"""`chasqui publish`: a file's events sent to a running system."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.edge import Edge
from services.cli.errors import CommandError
from services.cli.kafka_clients import writing
from services.cli.position import Position, content_mark
from services.cli.refusals import RefusedRow, tell_refused
from services.cli.sending import EdgeSender, FieldReportsSender, Sender, send_all
from services.cli.settings import CliSettings, read_settings
from services.cli.taking import Order, TakenRow, Taking, taken
from services.cli.taking_options import taking_options
from services.cli.ticking import append_ticks, await_field_reports
from services.runtime.clock import parse_clock


@click.command("publish", short_help="Send the events of a file to a running system.")
@taking_options
@click.option(
    "--url", help="The ingest edge (default: CHASQUI_INGEST_URL or http://127.0.0.1:8080)."
)
@click.option(
    "--kafka", is_flag=True, help="Publish to the topic chasqui.field-reports instead of HTTP."
)
@click.option("--key-file", type=click.Path(path_type=Path), help="File with the source key.")
@click.option(
    "--pace",
    is_flag=True,
    help="Send each event when the business clock (CHASQUI_CLOCK) reaches it.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    help="Keep the position here, not in CHASQUI_STATE_DIR.",
)
@click.option(
    "--restart", is_flag=True, help="Send all again, also what an earlier, broken run has sent."
)
def publish(  # noqa: PLR0913 - one for each of its options
    path: Path,
    *,
    mapping: Path | None,
    order: Order,
    until: datetime | None,
    url: str | None,
    kafka: bool,
    key_file: Path | None,
    pace: bool,
    resume: Path | None,
    restart: bool,
) -> None:
    """Send the events of FILE, over HTTP or with --kafka; the order is that of `replay`.

    Safe to repeat: the same event again changes nothing. A run that breaks off goes on where it
    was when it is started again. The key is read from --key-file, CHASQUI_SOURCE_KEY_FILE or
    CHASQUI_SOURCE_KEY. With --until a tick ends the time of every partition when all is
    acknowledged; this needs CHASQUI_KAFKA_BOOTSTRAP_SERVERS. Refused rows are counted on stderr;
    the exit code is 1 only when all were refused.
    """
    settings = read_settings()
    if until is not None and not settings.kafka_is_named:
        message = (
            "--until writes the end of time into the journal: set CHASQUI_KAFKA_BOOTSTRAP_SERVERS."
        )
        raise CommandError(message)
    rows = taken(Taking(path, mapping, order, until))
    target = settings.kafka_bootstrap_servers if kafka else url or settings.ingest_url
    position = _position(settings, resume, rows, target)
    if restart:
        position.forget()
    clock = parse_clock(settings.clock) if pace else None
    with (
        _sender(settings.key(key_file), target, kafka=kafka) as sender,
        _progress(len(rows)) as progress,
    ):
        refused = send_all(rows, sender, position, clock, progress)
    if until is not None:
        _end_time(settings.kafka_bootstrap_servers, until, kafka=kafka)
    position.forget()
    _tell(len(rows), refused, kafka=kafka)


def _position(
    settings: CliSettings, resume: Path | None, rows: list[TakenRow], target: str
) -> Position:
    mark = content_mark([row.source.value for row in rows], target)
    return Position(resume or settings.state_dir / "publish" / f"{mark[:16]}.json", mark)


@contextmanager
def _sender(key: str, target: str, *, kafka: bool) -> Iterator[Sender]:
    if kafka:
        with writing(target) as producer:
            yield FieldReportsSender(producer, key)
    else:
        with Edge(target, key, tell=lambda sentence: click.echo(sentence, err=True)) as edge:
            yield EdgeSender(edge)


class _Bar:
    """A progress bar on stderr."""

    def __init__(self, progress: Progress, rows: int) -> None:
        self._progress = progress
        self._task = progress.add_task("events", total=rows)

    def __call__(self, done: int) -> None:
        self._progress.update(self._task, completed=done)


@contextmanager
def _progress(rows: int) -> Iterator[_Bar]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield _Bar(progress, rows)


def _end_time(bootstrap: str, until: datetime, *, kafka: bool) -> None:
    if kafka:
        await_field_reports(bootstrap)
    append_ticks(bootstrap, until)


def _tell(rows: int, refused: list[RefusedRow], *, kafka: bool) -> None:
    tell_refused(refused)
    outcome = (
        "sent; what is refused goes to quarantine"
        if kafka
        else f"sent, {len(refused)} of them refused"
    )
    click.echo(f"{rows} events {outcome}.", err=True)
    if rows and len(refused) == rows:
        message = f"All {rows} rows were refused."
        raise CommandError(message)
