"""`chasqui alerting`: the file that says whom to tell, and how patiently."""

from pathlib import Path

import click

from services.alerts.alerting import read_alerting
from services.cli.errors import CommandError


@click.group("alerting", short_help="Check an alerts file.")
def alerting() -> None:
    """Whom alerts tell, and how patiently: a TOML file, as deploy/alerts.toml explains it."""


@alerting.command("check")
@click.argument(
    "path", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE"
)
def check(path: Path) -> None:
    """Say whether FILE could be named in CHASQUI_ALERTS_FILE.

    Whether its sinks are configured is known to the alerts service alone: it refuses to start.
    """
    try:
        file = read_alerting(path)
    except ValueError as error:
        raise CommandError(str(error)) from error
    counts = ((file.routes, "route"), (file.escalation, "step"), (file.maintenance, "window"))
    said = (f"{len(some)} {name}{'' if len(some) == 1 else 's'}" for some, name in counts)
    click.echo(f"{path}: {', '.join(said)}.")
