"""Promises as tables: with their items, summed by a group, and by the movements they rest on."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.table import Column, Table
from rich.text import Text

from schemas.vocabulary import STAGES
from services.cli.rows import JsonObject

_OF: Final = ("subject_id", "state", "agency", "country", "programme", "request", "due_at")


def promises_table(commitments: Iterable[JsonObject]) -> Table:
    """One row for each item of each promise."""
    table = _table("Commitments", "commitment", *_OF[1:], "item", "unit", *STAGES)
    for commitment in commitments:
        about = [commitment[name] for name in _OF]
        for line in _list(commitment["lines"]):
            _add(table, [*about, *(line[name] for name in ("item", "unit", *STAGES))])
            about = [None] * len(about)
    return table


def sums_table(sums: Iterable[JsonObject], by: str) -> Table:
    """One row for each item of each group."""
    names = ("item", "unit", "commitments", *STAGES)
    table = _table(f"Promises by {by}", by, *names)
    for each in sums:
        _add(table, [each[name] for name in ("group", *names)])
    return table


def movements_table(commitment: JsonObject) -> Table:
    """What each movement brings to a promise."""
    stages = STAGES[1:]
    table = _table("Movements", "movement", "agency", "country", "item", "unit", *stages)
    for movement in _list(commitment["movements"]):
        name = f"{movement['kind']}/{movement['subject_id']}"
        who = [name, movement["agency"], movement["country"]]
        for line in _list(movement["lines"]):
            _add(table, [*who, *(line[name] for name in ("item", "unit", *stages))])
    return table


def _table(title: str, *names: str) -> Table:
    columns = (name.removesuffix("_at").replace("_", " ") for name in names)
    headers = [Column(column, overflow="fold") for column in columns]
    return Table(*headers, title=title, title_justify="left")


def _add(table: Table, cells: Iterable[object]) -> None:
    table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))


def _list(value: object) -> Iterator[dict[str, object]]:
    return iter(value if isinstance(value, list) else [])
