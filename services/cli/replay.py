"""`chasqui replay`: what the tracker would say of a file, without a broker."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import orjson
from rich.table import Table

from schemas.topics import DELAYS, QUARANTINE
from services.cli.consoles import a_console
from services.cli.journal import Journal
from services.cli.late_things import delay_row, delay_table
from services.cli.other_rules import OtherRules, other_rules, rules_option
from services.cli.rows import JsonObject
from services.cli.taking import Order, Taking
from services.cli.taking_options import taking_options
from services.runtime.memory import MemoryDriver
from services.runtime.processor import Record
from services.tracker.core.publisher_view import scorecard
from services.tracker.core.view import dumps
from services.tracker.job import create_job
from services.tracker.processors import CommitmentsProcessor, MovementsProcessor
from services.tracker.publishers import PublishersProcessor


@click.command("replay", short_help="Tell what was late in a file, without a broker.")
@taking_options
@click.option(
    "--json", "as_json", is_flag=True, help="Print the delays as published, one JSON object a line."
)
@click.option(
    "--state",
    "as_state",
    is_flag=True,
    help="Print the final state of every subject instead, sorted.",
)
@click.option(
    "--commitments",
    "as_commitments",
    is_flag=True,
    help="Print the final state of every commitment instead, sorted.",
)
@click.option(
    "--publishers",
    "as_publishers",
    is_flag=True,
    help="Print the final scorecard of every publisher instead, sorted.",
)
@rules_option
def replay(  # noqa: PLR0913 - one for each of its options
    path: Path,
    *,
    mapping: Path | None,
    order: Order,
    until: datetime | None,
    as_json: bool,
    as_state: bool,
    as_commitments: bool,
    as_publishers: bool,
    rules: Path | None,
) -> None:
    """Run the events of FILE through the tracker in memory and tell what was late, when and why.

    FILE is NDJSON, an export of the journal, or CSV with --mapping. Time moves with the records;
    --until ends it. With --rules a rules file counts from the first record on, in place of those
    that an export has itself. Refused rows are counted on stderr; the exit code is 1 only when no
    row of the file can be used.
    """
    if as_json + as_state + as_commitments + as_publishers > 1:
        message = "--json, --state, --commitments and --publishers each print something else"
        raise click.UsageError(message)
    run = Replay(Taking(path, mapping, order, until), other_rules(rules))
    if as_json:
        _print_lines(record.value for record in run.delays())
    elif as_state:
        run.finish()
        _print_lines(run.states())
    elif as_commitments:
        run.finish()
        _print_lines(run.commitments())
    elif as_publishers:
        run.finish()
        _print_lines(run.publishers())
    else:
        a_console().print(_table(run.delays()))
    _tell(run)


class Replay:
    """The tracker on the in-memory driver, fed by a file."""

    def __init__(self, taking: Taking, rules: OtherRules | None = None) -> None:
        """Without `rules` the journal's own count."""
        self.journal = Journal(taking)
        self._rules = rules
        self.driver = MemoryDriver(create_job(), whole_journal=self.journal.exported)
        self.set_aside: Counter[str] = Counter()
        self._until = taking.until

    def delays(self) -> Iterator[Record]:
        """The records of the topic `delays`, in the order they are told."""
        records = self.journal.in_time()
        if isinstance(records, list):
            self.driver.place(records)
        for record in records:
            for each in (record,) if self._rules is None else self._rules.over(record):
                yield from self._told(self.driver.feed(each))
        if self._until is not None:
            yield from self._told(self.driver.tick(self._until))

    def finish(self) -> None:
        """Take all records."""
        for _ in self.delays():
            pass

    def states(self) -> Iterator[bytes]:
        """The final state of every subject, by (kind, subject_id)."""
        return (dumps(state.view()) for _, state in self.driver.states(MovementsProcessor.name))

    def commitments(self) -> Iterator[bytes]:
        """The final state of every commitment, by its id."""
        return (dumps(state.view()) for _, state in self.driver.states(CommitmentsProcessor.name))

    def publishers(self) -> Iterator[bytes]:
        """The final scorecard of every publisher, by its code."""
        known = self.driver.states(PublishersProcessor.name)
        return (dumps(scorecard(publisher)) for _, publisher in known)

    def _told(self, written: list[Record]) -> Iterator[Record]:
        self.driver.outputs.clear()
        for record in written:
            if record.topic == DELAYS.full_name:
                yield record
            elif record.topic == QUARANTINE.full_name:
                self.set_aside[dict(record.headers)["reason"].decode()] += 1


def _print_lines(lines: Iterator[bytes | None]) -> None:
    output = click.get_binary_stream("stdout")
    for line in lines:
        output.write((line or b"") + b"\n")
    output.flush()


def _table(delays: Iterator[Record]) -> Table:
    table = delay_table()
    for record in delays:
        delay = orjson.loads(record.value or b"")
        table.add_row(*delay_row(delay, _news(delay)))
    return table


def _news(delay: JsonObject) -> str:
    """What the record says of the delay, and as of when."""
    match delay["type"]:
        case "delay_raised":
            return f"raised {delay['raised_at']}"
        case "delay_cleared":
            return f"{delay['because']}, cleared {delay['cleared_at']}"
        case _:
            return f"changed, since {delay['late_since']}"


def _tell(run: Replay) -> None:
    for reason, count in sorted(run.set_aside.items()):
        click.echo(f"quarantined: {reason}: {count}", err=True)
    run.journal.tell_refused()
