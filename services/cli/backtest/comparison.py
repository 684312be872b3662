"""A backtest: the same journal by today's rules and by new ones."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from services.cli.backtest.alerts import Alert
from services.cli.backtest.difference import Difference, Sighting, difference
from services.cli.backtest.precision import Precision, Recall, precisions, recalls
from services.cli.backtest.span import Night, Span
from services.cli.backtest.truth import Truths
from services.cli.backtest.volume import Volume, volume_of


class Subject(msgspec.Struct, frozen=True):
    """What was backtested."""

    file: str
    records: int
    refused: int
    begin: datetime
    end: datetime
    night: str


class Figures(msgspec.Struct, frozen=True):
    """What one set of rules comes to."""

    rules: str
    volume: Volume
    precision: list[Precision]
    recall: list[Recall]


class Comparison(msgspec.Struct, frozen=True):
    """All that a backtest tells."""

    subject: Subject
    today: Figures
    new: Figures
    alerts: Difference
    pages: Difference


class Outcome(msgspec.Struct, frozen=True):
    """The alerts of one run and the rules it was judged by."""

    rules: str
    alerts: Sequence[Alert]


def compare(
    subject: Subject, night: Night, today: Outcome, new: Outcome, truths: Truths
) -> Comparison:
    """Set the two runs side by side."""
    span = Span(subject.begin, subject.end)
    return Comparison(
        subject,
        _figures(today, span, night, truths),
        _figures(new, span, night, truths),
        difference(_told(today.alerts), _told(new.alerts)),
        difference(_paged(today.alerts), _paged(new.alerts)),
    )


def _figures(outcome: Outcome, span: Span, night: Night, truths: Truths) -> Figures:
    return Figures(
        outcome.rules,
        volume_of(outcome.alerts, span, night),
        precisions(outcome.alerts, truths),
        recalls(outcome.alerts, truths),
    )


def _told(alerts: Iterable[Alert]) -> list[Sighting]:
    return [Sighting(alert.about, alert.at) for alert in alerts]


def _paged(alerts: Iterable[Alert]) -> list[Sighting]:
    return [Sighting(a.about, at) for a in alerts if (at := a.paged_at) is not None]
