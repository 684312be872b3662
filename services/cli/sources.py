"""`chasqui sources`: who may send, and what each may say."""

from pathlib import Path

import click
from rich.table import Column, Table
from rich.text import Text

from services.cli.consoles import a_console
from services.cli.errors import CommandError
from services.cli.settings import read_settings
from services.runtime.keys.file import SourcesFileError, add_source, read_sources
from services.runtime.keys.source import EVERYTHING, Scope

_FILE_HELP = (
    "The sources file (default: CHASQUI_SOURCES_FILE, or sources.toml in CHASQUI_STATE_DIR)."
)


@click.group("sources")
def sources() -> None:
    """Know who may send events, and what each may say."""


@sources.command("add")
@click.argument("key_id")
@click.option(
    "--publisher",
    "publishers",
    multiple=True,
    help="A code, a prefix such as `US-*`, or `*`; none for a key that only handles alerts.",
)
@click.option("--kind", "kinds", multiple=True, default=(EVERYTHING,), help="Default: all.")
@click.option(
    "--type",
    "types",
    multiple=True,
    default=(EVERYTHING,),
    help="Default: all, without operators' words.",
)
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([scope.value for scope in Scope]),
    help="operator: may say operators' words and acknowledge alerts. alerts: may read alerts."
    " backfill: may say when an event was received.",
)  # fmt: skip
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help=_FILE_HELP)
def add(
    key_id: str,
    *,
    publishers: tuple[str, ...],
    kinds: tuple[str, ...],
    types: tuple[str, ...],
    scopes: tuple[str, ...],
    path: Path | None,
) -> None:
    """Make a key for the source KEY_ID and print it once; only its hash is kept."""
    path = path or read_settings().sources
    try:
        token = add_source(
            path,
            key_id,
            publishers,
            kinds=kinds,
            types=types,
            scopes=tuple(Scope(scope) for scope in scopes),
        )
    except (SourcesFileError, OSError) as error:
        raise CommandError(f"{error}.") from error
    click.echo(f"The key of {key_id}; it is not shown again:", err=True)
    click.echo(token)


@sources.command("list")
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help=_FILE_HELP)
def list_(path: Path | None) -> None:
    """List the sources and what each may say; keys are not known, only their hashes."""
    try:
        entries = read_sources(path or read_settings().sources)
    except SourcesFileError as error:
        raise CommandError(f"{error}.") from error
    names = ("source", "publishers", "kinds", "types", "scopes")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for entry in entries:
        words = (entry.publishers, entry.kinds, entry.types, entry.scopes)
        table.add_row(Text(entry.id), *(Text(", ".join(word)) for word in words))
    a_console().print(table)
