"""`chasqui show`: all that is known of one subject."""

from http import HTTPStatus
from urllib.parse import quote

import click
import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.edge import reason_of
from services.cli.errors import CommandError
from services.cli.rows import JsonObject
from services.cli.settings import read_settings
from services.cli.subject import SUBJECT, Subject

_TIMELINE = ("baseline_at", "due_at", "planned_at", "estimated_at", "actual_at", "reported_by")
_LEDGER = (
    "shipped",
    "accepted",
    "damaged",
    "missing",
    "surplus",
    "lost",
    "moved",
    "outstanding",
    "confirmed",
)
_FACTS = ("owner", "custodian", "commitment", "country", "mode", "last_contact_at", "events")
_DELAYS = ("delay", "milestone", "leg", "hold_id", "late_since", "severity", "confidence")
_TIMEOUT_SECONDS = 30.0


@click.command("show", short_help="Show all that is known of one subject.")
@click.argument("subject", type=SUBJECT, metavar="KIND/ID")
@click.option("--json", "as_json", is_flag=True, help="Print the record as the tracker gives it.")
@click.option("--url", help="The tracker (default: CHASQUI_TRACKER_URL or http://127.0.0.1:8081).")
def show(subject: Subject, *, as_json: bool, url: str | None) -> None:
    """Show the state, timeline, ledger and open delays of KIND/ID, such as shipment/EC-AMB-0017."""
    response = _asked(url or read_settings().tracker_url, subject)
    if as_json:
        click.echo(response.content)
        return
    _print(Console(), response.json())


def _asked(url: str, subject: Subject) -> httpx.Response:
    path = f"/v1/movements/{quote(subject.kind, safe='')}/{quote(subject.subject_id, safe='')}"
    try:
        response = httpx.get(
            url.rstrip("/") + path, timeout=_TIMEOUT_SECONDS, follow_redirects=True
        )
    except (httpx.TransportError, httpx.InvalidURL) as error:
        message = f"The tracker at {url} does not answer ({type(error).__name__})."
        raise CommandError(message) from error
    if response.status_code == HTTPStatus.NOT_FOUND:
        message = f"The tracker knows no {subject.kind}/{subject.subject_id}."
        raise CommandError(message)
    if response.status_code != HTTPStatus.OK:
        message = f"The tracker cannot tell: {reason_of(response)}."
        raise CommandError(message)
    return response


def _print(console: Console, movement: JsonObject) -> None:
    title = f"{movement['kind']}/{movement['subject_id']}"
    console.print(
        Text(f"{title}: {movement['state']}, leg {movement['leg']} of {movement['legs']}", "bold")
    )
    console.print(
        Text(
            ", ".join(
                f"{name} {movement[name]}" for name in _FACTS if movement.get(name) is not None
            )
        )
    )
    if movement["doubts"]:
        console.print(Text(f"doubts: {', '.join(map(str, _list(movement['doubts'])))}", "yellow"))
    console.print(
        _table("Timeline", ("type", "leg", *_TIMELINE, "inferred"), movement["milestones"])
    )
    console.print(_table("Ledger", ("line", "item", "unit", *_LEDGER), movement["lines"]))
    if movement["holds"]:
        console.print(_table("Holds", ("hold_id", "reason", "since"), movement["holds"]))
    console.print(_table("Open delays", _DELAYS, movement["delays"]))


def _table(title: str, columns: tuple[str, ...], rows: object) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column.replace("_at", "").replace("_", " "), overflow="fold")
    for row in _list(rows):
        if isinstance(row, dict):
            table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    return table


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _cell(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case _:
            return str(value)
