"""The options by which commands are told how to take a FILE."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from services.cli.moment import MOMENT
from services.cli.taking import Order

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

file_argument = click.argument("path", type=_FILE, metavar="FILE")
mapping_option = click.option(
    "--mapping", type=_FILE, metavar="TOML", help="FILE is CSV, and this says what its rows mean."
)
_order_option = click.option(
    "--order",
    type=click.Choice([order.value for order in Order]),
    default=Order.RECEIVED.value,
    show_default=True,
    callback=lambda _ctx, _param, value: Order(value),
    help="By (received_at, position), or as the file has it. An export keeps its own order.",
)
_until_option = click.option(
    "--until", type=MOMENT, help="Leave out what was received after this time, and end time there."
)


def taking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """FILE, --mapping, --order and --until."""
    parts = (_until_option, _order_option, mapping_option, file_argument)
    return reduce(lambda decorated, part: part(decorated), parts, command)
