"""Where commands print: a terminal, or a pipe that is as wide as its tables."""

import os
import sys

from rich.console import Console

PIPE_COLUMNS = 200


def a_console() -> Console:
    """The terminal at its width; whatever else takes the output gets wide lines."""
    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if told else PIPE_COLUMNS)
