"""`chasqui rules`: the limits by which delays are judged, looked at and changed."""

from datetime import datetime
from pathlib import Path

import click
from pydantic import ValidationError

from schemas.rules import RulesFile, parse_rules
from services.cli.answers import ask_tracker
from services.cli.broadcasting import append_to_all
from services.cli.errors import CommandError
from services.cli.moment import MOMENT
from services.cli.settings import read_settings
from services.runtime.clock import parse_clock

_FILE = click.argument(
    "path", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"
)


@click.group("rules", short_help="Check, apply and show the rules.")
def rules() -> None:
    """The limits by which delays are judged: a TOML file, as deploy/rules.toml explains it."""


@rules.command("check")
@_FILE
def check(path: Path) -> None:
    """Say whether FILE could be applied."""
    file, _ = read_rules(path)
    click.echo(f"{path}: rules {file.version}.")


@rules.command("apply")
@_FILE
@click.option("--at", type=MOMENT, help="The moment from which on they count (default: now).")
def apply(path: Path, *, at: datetime | None) -> None:
    """Judge by the rules of FILE from now on.

    They are written to every partition of the journal: no restart is needed, a replay judges by
    them from the same moment on, and alerts name their version. Each movement is looked at once;
    what is late by the new rules is told then, and what is late no more is cleared as superseded.
    """
    file, text = read_rules(path)
    settings = read_settings()
    moment = at or parse_clock(settings.clock).now()
    said: dict[str, object] = {"type": "rules", "version": file.version, "toml": text}
    count = append_to_all(settings.kafka_bootstrap_servers, said, moment)
    click.echo(f"Rules {file.version} count from now on, in {count} partitions.")


@rules.command("show")
@click.option("--url", help="The tracker (default: CHASQUI_TRACKER_URL or http://127.0.0.1:8081).")
def show(url: str | None) -> None:
    """Print the rules in force, as they were applied."""
    known = ask_tracker(url or read_settings().tracker_url, "rules").json()
    click.echo(known["toml"] or f"# rules {known['version']}, as built in: deploy/rules.toml")


def read_rules(path: Path) -> tuple[RulesFile, str]:
    """A rules file and its text; CommandError says what is wrong with it, and where."""
    try:
        text = path.read_text(encoding="utf-8")
        return parse_rules(text), text
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise CommandError(f"{path}: {'; '.join(wrong)}.") from error
    except ValueError as error:
        raise CommandError(f"{path}: {error}.") from error
