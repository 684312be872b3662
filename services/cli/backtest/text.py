"""A backtest as tables on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.backtest import words
from services.cli.backtest.comparison import Comparison
from services.cli.backtest.difference import Difference
from services.cli.backtest.words import Row


def print_comparison(told: Comparison, console: Console) -> None:
    """The figures, then what appears, vanishes and moves."""
    for sentence in (words.subject_words(told.subject), *words.cautions(told)):
        console.print(Text(sentence))
    console.print(
        _table("Today's rules and the new ones", words.SUMMARY_HEAD, words.summary_rows(told))
    )
    console.print(_table("By kind", words.KINDS_HEAD, words.kind_rows(told)))
    console.print(
        _table("Where the record tells the truth", words.PRECISION_HEAD, words.precision_rows(told))
    )
    console.print(_table("What was truly late", words.RECALL_HEAD, words.recall_rows(told)))
    _print_difference(console, "alerts", told.alerts)
    _print_difference(console, "pages", told.pages)


def _print_difference(console: Console, name: str, found: Difference) -> None:
    console.print(Text(words.difference_words(name, found)))
    for verb, head, whole, shown in words.difference_lists(found):
        if shown:
            console.print(_table(f"{name} that {verb}", head, shown, _rest(whole, shown)))


def _rest(whole: int, shown: Sequence[Row]) -> str | None:
    more = whole - len(shown)
    return f"and {more} more: --json" if more else None


def _table(title: str, head: Row, rows: Iterable[Row], caption: str | None = None) -> Table:
    table = Table(title=title, caption=caption, title_justify="left")
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
