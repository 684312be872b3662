"""`chasqui backtest`: what other rules would have told of the same journal."""

from datetime import datetime, tzinfo
from pathlib import Path

import click
import msgspec

from services.cli.backtest.comparison import Comparison, Outcome, Subject, compare
from services.cli.backtest.options import NightHours, Zone
from services.cli.backtest.page import page
from services.cli.backtest.run import Run
from services.cli.backtest.span import Night
from services.cli.backtest.text import print_comparison
from services.cli.backtest.truth import truths_of
from services.cli.consoles import a_console
from services.cli.errors import CommandError
from services.cli.journal import Journal
from services.cli.other_rules import other_rules
from services.cli.taking import Order, Taking
from services.cli.taking_options import taking_options
from services.runtime.moments import from_ms
from services.runtime.partition import moment_of

_RULES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backtest", short_help="Compare other rules with today's on a file.")
@taking_options
@click.option("--rules", type=_RULES, required=True, metavar="TOML", help="The new rules.")
@click.option(
    "--against",
    type=_RULES,
    metavar="TOML",
    help="Today's rules (default: those in the journal, else the built-in ones).",
)
@click.option(
    "--night", type=NightHours(), default="22-06", show_default=True, help="When a page wakes."
)
@click.option("--zone", type=Zone(), default="UTC", show_default=True, help="Where they sleep.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with charts here."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def backtest(  # noqa: PLR0913 - one for each of its options
    path: Path,
    *,
    mapping: Path | None,
    order: Order,
    until: datetime | None,
    rules: Path,
    against: Path | None,
    night: tuple[int, int],
    zone: tzinfo,
    html: Path | None,
    as_json: bool,
) -> None:
    """Judge FILE by other rules, and set beside today's what a person would have been told.

    FILE is what `chasqui replay` takes. The tracker and alerts run on it in memory, twice: what is
    inhibited, historic or of the backlog counts for nobody. Where FILE tells in the end what truly
    happened, it tells how often alerts were right, and how early. docs/backtest.md explains each
    figure.
    """
    taking = Taking(path, mapping, order, until)
    journal = Journal(taking)
    old, new = (Run(other_rules(each), whole_journal=journal.exported) for each in (against, rules))
    when = Night(*night, zone)
    comparison = _compared(taking, journal, (old, new), when)
    if html is not None:
        html.write_text(page(comparison, when), "utf-8")
    if as_json:
        click.echo(msgspec.json.encode(comparison))
    else:
        print_comparison(comparison, a_console())


def _compared(taking: Taking, journal: Journal, both: tuple[Run, Run], night: Night) -> Comparison:
    """One pass over the file for both."""
    first = last = None
    records = journal.in_time()
    if isinstance(records, list):
        for run in both:
            run.place(records)
    for record in records:
        at = moment_of(record) or 0
        first, last = min(first or at, at), max(last or at, at)
        for run in both:
            run.feed(record)
    journal.tell_refused()
    if first is None or last is None:
        raise CommandError(f"{taking.path} has no records before the end of time.")
    end = max(taking.until or from_ms(last), from_ms(last))
    subject = Subject(
        taking.path.name,
        journal.admitted,
        len(journal.refused),
        from_ms(first),
        end,
        str(night),
    )
    return _counted(subject, both, night, taking.until)


def _counted(
    subject: Subject, both: tuple[Run, Run], night: Night, until: datetime | None
) -> Comparison:
    for run in both:
        run.end(until, subject.end)
    today, new = (Outcome(run.rules, run.alerts()) for run in both)
    told = {alert.about for alert in (*today.alerts, *new.alerts)}
    known = (each for facts in both[0].facts() for each in truths_of(facts))
    truths = {about: truth for about, truth in known if truth.late or about in told}
    return compare(subject, night, today, new, truths)
