"""`chasqui dead-letters`: look at what no sink took, and send it again."""

import getpass

import click
import orjson
from rich.table import Column, Table
from rich.text import Text

from services.cli.consoles import a_console
from services.cli.dead_lettered import (
    dead_letter,
    dead_letters,
    one_of,
    outdated,
    send_again,
)
from services.cli.settings import read_settings
from services.runtime.clock import parse_clock

_LEFT_OUT = "left out: newer was told since (--outdated sends it all the same)"
_SINK = click.option("--sink", help="Only what this sink did not take.")


@click.group("dead-letters")
def dead_letters_() -> None:
    """Look at what a sink refused or never took, and send it again."""


@dead_letters_.command("list")
@_SINK
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
def list_(*, sink: str | None, as_json: bool) -> None:
    """List the messages that are not tried any more, and were not sent again since."""
    rows = [letter.told() for letter in dead_letters(read_settings().kafka_bootstrap_servers, sink)]
    if as_json:
        for row in rows:
            click.echo(orjson.dumps(row))
        return
    names = list(rows[0]) if rows else []
    columns = (Column(name, overflow="fold") for name in names)
    table = Table(*columns, title=f"{len(rows)} dead letters", title_justify="left")
    for row in rows:
        table.add_row(*(Text("" if row[name] is None else str(row[name])) for name in names))
    a_console().print(table)


@dead_letters_.command("show")
@click.argument("number", metavar="ID")
def show(number: str) -> None:
    """Print the message with this ID on stdout, and why nobody took it on stderr."""
    found = dead_letter(read_settings().kafka_bootstrap_servers, number)
    for name, word in found.told().items():
        click.echo(f"{name}: {'' if word is None else word}", err=True)
    click.echo(bytes(found.dead.message))


@dead_letters_.command("replay")
@click.argument("numbers", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="All that stand, instead of single ones.")
@_SINK
@click.option("--by", help="Who says so, for the audit (default: you).")
@click.option(
    "--outdated", "even_outdated", is_flag=True, help="Also what something newer was told after."
)
def replay(
    numbers: tuple[str, ...], *, every: bool, sink: str | None, by: str | None, even_outdated: bool
) -> None:
    """Let alerts send them again: the same messages under the same IDs, tried as new ones are.

    Left out is what its sink was told something newer after, of the same alert: it would open again
    what is over.
    """
    if bool(numbers) == every:
        raise click.UsageError("name the IDs, or say --all")
    settings = read_settings()
    bootstrap = settings.kafka_bootstrap_servers
    standing = dead_letters(bootstrap, sink)
    wanted = standing if every else [one_of(standing, number) for number in numbers]
    left_out = set() if even_outdated else outdated(bootstrap, wanted)
    sent = [letter for letter in wanted if letter.dead.call_id not in left_out]
    now = parse_clock("wall").wall()
    send_again(bootstrap, sent, by or _operator(), now)
    for letter in wanted:
        what = _LEFT_OUT if letter.dead.call_id in left_out else "sent again"
        click.echo(f"{letter.dead.call_id} {letter.dead.sink} {letter.said.type} {what}")
    click.echo(f"{len(sent)} of {len(wanted)} are sent again.", err=True)


def _operator() -> str:
    """The name of who runs this; a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise click.UsageError("nobody's name is known here: say --by") from error
