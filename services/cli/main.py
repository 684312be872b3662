"""`chasqui`: the commands by name, each loaded when it is used."""

import errno
from importlib import import_module
from typing import Final

import click

from services.cli.errors import CommandError

COMMANDS: Final = {
    "up": "services.cli.up:up",
    "ingest": "services.cli.alone:ingest",
    "tracker": "services.cli.alone:tracker",
    "alerts": "services.cli.alerts:alerts",
    "health": "services.cli.health:health",
    "topics": "services.cli.topics:topics",
    "sources": "services.cli.sources:sources",
    "publish": "services.cli.publish:publish",
    "validate": "services.cli.validate:validate",
    "replay": "services.cli.replay:replay",
    "backtest": "services.cli.backtest.command:backtest",
    "export": "services.cli.export:export",
    "watch": "services.cli.watch:watch",
    "show": "services.cli.show:show",
    "commitments": "services.cli.commitments:commitments",
    "publishers": "services.cli.publishers:publishers",
    "accept": "services.cli.accept:accept",
    "rebaseline": "services.cli.rebaseline:rebaseline",
    "prefer": "services.cli.prefer:prefer",
    "adopt": "services.cli.adopt:adopt",
    "reopen": "services.cli.reopen:reopen",
    "rules": "services.cli.rules:rules",
    "alerting": "services.cli.alerting:alerting",
    "rebuild": "services.cli.rebuild:rebuild",
    "quarantine": "services.cli.quarantine:quarantine",
    "dead-letters": "services.cli.dead_letters:dead_letters_",
}
"""Where each command is: a new one is a row here."""


class Commands(click.Group):
    """The rows of COMMANDS; whatever goes wrong in one becomes a sentence and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.params["traceback"] or _reader_has_gone(error):
                raise
            raise CommandError(_sentence(error)) from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="Show where an unexpected error arose.")
@click.version_option(package_name="chasqui", prog_name="chasqui")
def main(*, traceback: bool) -> None:
    """Track what was promised, and tell in time when it will not arrive."""


def _reader_has_gone(error: Exception) -> bool:
    """As in `chasqui export | head`: click ends quietly then."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or type(error).__name__}: {error.strerror}."
    said = " ".join(str(error).split())
    return f"Not expected: {type(error).__name__}: {said} (`chasqui --traceback` shows where)."
