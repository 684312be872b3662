"""What a command says when it cannot do what it was asked."""

import click


class CommandError(click.ClickException):
    """One readable sentence on stderr and exit code 1."""
