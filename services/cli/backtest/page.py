"""A backtest as one page that needs nothing but itself."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from services.cli.backtest import figures, words
from services.cli.backtest.comparison import Comparison
from services.cli.backtest.difference import Difference
from services.cli.backtest.markup import Markup, element, joined
from services.cli.backtest.meanings import DEFINITIONS
from services.cli.backtest.span import Night, Span
from services.cli.backtest.words import Row


def page(told: Comparison, night: Night) -> str:
    """The page; it is XML, too."""
    title = f"Backtest of rules {told.new.rules}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{title} on {told.subject.file}"),
        element("style", Markup(files(__package__).joinpath("style.css").read_text("utf-8"))),
    )
    body = element("body", element("main", element("h1", title), *_sections(told, night)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _sections(told: Comparison, night: Night) -> Iterator[Markup]:
    days = list(Span(told.subject.begin, told.subject.end).days(night.zone))
    yield element("p", words.subject_words(told.subject), class_="soft")
    yield from (element("p", caution) for caution in words.cautions(told))
    yield figures.table(words.SUMMARY_HEAD, words.summary_rows(told))
    yield figures.by_time(told, days)
    yield figures.by_kind(told)
    yield figures.by_hour(told, night)
    yield figures.by_truth(told)
    yield element("h2", "What was truly late")
    yield figures.table(words.RECALL_HEAD, words.recall_rows(told))
    yield from _difference("alerts", told.alerts)
    yield from _difference("pages", told.pages)
    yield element("h2", "What the words mean")
    yield element("dl", *_definitions())


def _difference(name: str, found: Difference) -> Iterator[Markup]:
    yield element("h2", f"Which {name} appear, vanish and move")
    yield element("p", words.difference_words(name, found))
    for verb, head, whole, rows in words.difference_lists(found):
        if rows:
            yield element("h3", _counted(f"{name} that {verb}", whole, rows))
            yield figures.table(head, rows, "words")


def _counted(what: str, whole: int, shown: Sequence[Row]) -> str:
    return f"{what}, the first {len(shown)} of {whole}" if len(shown) < whole else what


def _definitions() -> Iterator[Markup]:
    return (joined([element("dt", term), element("dd", meaning)]) for term, meaning in DEFINITIONS)
