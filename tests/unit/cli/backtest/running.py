"""Stories told to runs by different rules."""

from collections.abc import Sequence
from datetime import timedelta

from services.alerts.core.policy import Policy
from services.cli.backtest.alerts import Alert
from services.cli.backtest.run import Run
from services.cli.other_rules import OtherRules
from services.runtime.moments import from_ms
from services.runtime.partition import moment_of
from services.runtime.processor import Record
from tests.support.hearing import in_order_heard, journal_record
from tests.support.telling import BEGINNING, Moment, Story, moment

SETTLED = Policy.settle
"""News is told so long after it is raised: what inhibits it may come at the same moment."""


def limits(version: str = "other", **said: str) -> OtherRules:
    """Rules that by default differ so from the built-in ones: `limits(grace="PT72H")`."""
    lines = "".join(f'{name} = "{value}"\n' for name, value in said.items())
    return OtherRules(version, f'version = "{version}"\n[default]\n{lines}')


def journal(*stories: Story) -> list[Record]:
    """The records of one partition."""
    words = in_order_heard(stories)
    return [journal_record(word.event, word.heard_at)._replace(partition=0) for word in words]


def ran(
    records: Sequence[Record], rules: OtherRules | None = None, until: Moment | None = None
) -> Run:
    """A run to its end."""
    run = Run(rules)
    for record in records:
        run.feed(record)
    last = max(moment_of(record) or 0 for record in records)
    run.end(None if until is None else moment(until), from_ms(last))
    return run


def said(alerts: Sequence[Alert]) -> list[str]:
    """Each grade of each alert in short words, with the day on which it was raised."""
    return [
        f"{alert.about.delay} day {(grade.at - SETTLED - BEGINNING) / timedelta(days=1):g}"
        f" {' '.join(word for word in grade[1:] if word)}"
        for alert in alerts
        for grade in alert.grades
    ]
