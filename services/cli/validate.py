"""`chasqui validate`: whether the edge would take a file."""

from pathlib import Path

import click
import orjson

from services.cli.consoles import a_console
from services.cli.refusals import refused_rows, refused_table
from services.cli.taking import Order, Taking, taken
from services.cli.taking_options import file_argument, mapping_option


@click.command("validate", short_help="Check a file as the edge would.")
@file_argument
@mapping_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a refused row.")
@click.pass_context
def validate(context: click.Context, path: Path, *, mapping: Path | None, as_json: bool) -> None:
    """Check every event of FILE as the edge would, and tell each refused row with its reason.

    What a source's key may say is not checked: that is known to the edge only. Exit code 1 when
    any row is refused.
    """
    rows = taken(Taking(path, mapping, Order.RECEIVED, None))
    refused = refused_rows(rows)
    if as_json:
        for row in refused:
            click.echo(orjson.dumps(row._asdict()))
    elif refused:
        a_console().print(refused_table(refused))
    click.echo(
        f"{len(rows) - len(refused)} events would be accepted, {len(refused)} refused.", err=True
    )
    context.exit(1 if refused else 0)
