"""`chasqui alerts`: the service alone, or what people ask of alerts and say about them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final, get_args
from urllib.parse import quote

import click
import orjson

from schemas.times import wire
from schemas.vocabulary import DELAY_NAMES, SEVERITIES, AlertStatus, LateKind
from services.cli.alert_tables import alerts_table, print_alert
from services.cli.alone import become
from services.cli.answers import AlertsDesk
from services.cli.consoles import a_console
from services.cli.moment import DURATION, MOMENT
from services.cli.rows import JsonObject
from services.cli.settings import read_settings
from services.runtime.clock import WallClock

_UNRESOLVED: Final = ("open", "acknowledged")
_PAGE: Final = 200

_url = click.option(
    "--url", help="The alerts service (default: CHASQUI_ALERTS_URL or http://127.0.0.1:8082)."
)
_key_file = click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="File with a key of scope `operator`, or to read alone `alerts`.",
)
_note = click.option("--note", help="Kept with the alert. No person's data.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON as the service gives it.")
_alert = click.argument("alert_id", metavar="ID")


@click.group("alerts", invoke_without_command=True, short_help="List and acknowledge alerts.")
@click.pass_context
def alerts(context: click.Context) -> None:
    """List alerts, show one, acknowledge it, leave a note.

    Asks any instance, under the key of --key-file, CHASQUI_SOURCE_KEY_FILE or CHASQUI_SOURCE_KEY.
    Without a command: run an instance of the alerts service; more instances share the work.
    """
    if context.invoked_subcommand is None:
        become("services.alerts")


@alerts.command("list")
@click.option(
    "--status", multiple=True, type=click.Choice(get_args(AlertStatus)), default=_UNRESOLVED,
    help="Default: all but resolved.",
)  # fmt: skip
@click.option("--severity", multiple=True, type=click.Choice(SEVERITIES))
@click.option("--country", multiple=True, help="ISO 3166-1 alpha-2, as EC.")
@click.option("--agency", multiple=True, help="As US-DHS-HSI.")
@click.option("--kind", multiple=True, type=click.Choice(get_args(LateKind)))
@click.option("--delay", multiple=True, type=click.Choice(DELAY_NAMES))
@click.option("--subject", multiple=True, help="The subject's id, as EC-AMB-0017.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@_json
@_url
@_key_file
def list_(
    *, limit: int, as_json: bool, url: str | None, key_file: Path | None, **filters: tuple[str, ...]
) -> None:
    """List alerts, the newest first. An option given several times takes any of its values."""
    wanted = {name: list(values) for name, values in filters.items() if values}
    found = list(islice(_pages(_desk(url, key_file), wanted), limit + 1))
    if as_json:
        for alert in found[:limit]:
            click.echo(orjson.dumps(alert))
        return
    a_console().print(alerts_table(found[:limit], more=len(found) > limit))


@alerts.command("show")
@_alert
@_json
@_url
@_key_file
def show(alert_id: str, *, as_json: bool, url: str | None, key_file: Path | None) -> None:
    """Show an alert with its evidence and its history."""
    answer = _desk(url, key_file).ask(_path(alert_id), {}, _unknown(alert_id))
    if as_json:
        click.echo(answer.content)
    else:
        print_alert(a_console(), answer.json())


@alerts.command("ack")
@_alert
@click.option(
    "--for", "lasting", type=DURATION, help="How long, as PT4H; default: as the service is set."
)
@click.option("--until", type=MOMENT, help="Until then.")
@_note
@_url
@_key_file
def ack(
    alert_id: str,
    *,
    lasting: timedelta | None,
    until: datetime | None,
    note: str | None,
    url: str | None,
    key_file: Path | None,
) -> None:
    """Acknowledge an alert: somebody acts on it."""
    if lasting is not None and until is not None:
        raise click.UsageError("--for and --until say the same: give one of them.")
    if lasting is not None:
        until = WallClock().wall() + lasting
    said: JsonObject = {"until": until and wire(until), "note": note}
    _say(alert_id, "acknowledge", said, _desk(url, key_file))


@alerts.command("unack")
@_alert
@_note
@_url
@_key_file
def unack(alert_id: str, *, note: str | None, url: str | None, key_file: Path | None) -> None:
    """Take an acknowledgement back: nobody acts on it."""
    _say(alert_id, "unacknowledge", {"note": note}, _desk(url, key_file))


@alerts.command("note")
@_alert
@click.argument("note", metavar="TEXT")
@_url
@_key_file
def note_(alert_id: str, note: str, *, url: str | None, key_file: Path | None) -> None:
    """Leave a note on an alert, a resolved one too. No person's data."""
    _say(alert_id, "note", {"note": note}, _desk(url, key_file))


def _desk(url: str | None, key_file: Path | None) -> AlertsDesk:
    settings = read_settings()
    return AlertsDesk(url or settings.alerts_url, settings.key(key_file))


def _pages(desk: AlertsDesk, wanted: dict[str, list[str]]) -> Iterator[JsonObject]:
    """All that are wanted, one page after another."""
    asked: dict[str, str | list[str]] = {**wanted, "limit": str(_PAGE)}
    while True:
        page = desk.ask("alerts", asked).json()
        yield from page["alerts"]
        if page["next"] is None:
            return
        asked["cursor"] = page["next"]


def _say(alert_id: str, command: str, said: JsonObject, desk: AlertsDesk) -> None:
    given = {name: value for name, value in said.items() if value is not None}
    answer = desk.say(f"{_path(alert_id)}/{command}", given, _unknown(alert_id)).json()
    until = f" until {answer['until']}" if answer["until"] else ""
    click.echo(f"Said by {answer['by']} at {answer['at']}: {command} {alert_id}{until}.")


def _path(alert_id: str) -> str:
    return f"alerts/{quote(alert_id, safe='')}"


def _unknown(alert_id: str) -> str:
    return f"The alerts service knows no alert {alert_id}."
