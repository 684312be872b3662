"""Sends a record of real aid shipments through a real system and compares three ways to its delays.

Usage: python deploy/checks/real_input.py aid-deliveries.csv

The delays that the tracker told on the topic and those of `chasqui replay` on the exported journal
must be the same bytes for every shipment. When something is learnt of a publisher depends on when
its records were read, which stands in the journal but not in the file: those of `chasqui replay` on
the file must be raised and cleared alike, whatever their severity and since when, but for those
that were over before the grace was, and so only told because they were believed. Else it fails.
The record is sent in parts, each handled before the next, so that what one teaches counts there.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from time import sleep

import click
import httpx

from schemas.times import parse, wire
from schemas.topics import CONTRIBUTIONS, DELAYS, EVENTS, MOVEMENTS, Topic
from services.cli.broker import EmbeddedBroker, free_port
from services.cli.child import Child
from services.cli.kafka_clients import reading
from services.cli.log_reader import lag, last_words, partitions_of, records_to_end
from services.cli.refusals import refused_rows
from services.cli.taking import Order, TakenRow, Taking, taken
from services.runtime.clock import monotonic
from services.runtime.keys.file import add_source
from services.runtime.keys.source import EVERYTHING, Scope
from services.tracker.core.limits import DEFAULT_LIMITS

MAPPING = Path(__file__).parents[1] / "mappings" / "aid-deliveries.toml"
TRACKER_GROUP = "chasqui.tracker"
AFTER_THE_LAST = timedelta(days=90)
"""How long time goes on after the last record, so that what is open then is told."""
PATIENCE = timedelta(seconds=240)
PARTS = 24
_IDLE_LOOKS = 2
"""Terms follow from contributions, and are read back: one look could fall between them."""
PAUSE = timedelta(milliseconds=500)

_LEARNT = frozenset(
    {"seq", "severity", "confidence", "next_step", "sentence", "evidence"}
    | {"late_since", "raised_at", "because"}
)
"""Of a delay, what depends on what was learnt of its publisher."""

Delay = dict[str, object]
Told = dict[str, list[bytes]]
"""The delays of each subject, in the order they were told."""


class World:
    """A broker, an ingest edge and a tracker, each a process, in a folder of their own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = folder
        broker = stack.enter_context(EmbeddedBroker(folder / "broker"))
        port = free_port()
        self.bootstrap = broker.bootstrap
        self.url = f"http://127.0.0.1:{port}"
        key = add_source(folder / "sources.toml", "record", (EVERYTHING,), scopes=tuple(Scope))
        self.env = os.environ | {
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "CHASQUI_CLOCK": "journal",
            "CHASQUI_STATE_DIR": str(folder / "state"),
            "CHASQUI_SOURCES_FILE": str(folder / "sources.toml"),
            "CHASQUI_SOURCE_KEY": key,
            "CHASQUI_INGEST_URL": self.url,
        }
        self.chasqui("topics", "create")
        self._service("ingest", "services.ingest", "http", port=port)
        self._service("tracker", "services.tracker", port=0)

    def chasqui(self, *arguments: str, output: Path | None = None) -> None:
        """Run a command of the command line; SystemExit when it fails."""
        command = [sys.executable, "-c", "from services.cli.main import main; main()", *arguments]
        with (output or self._folder / "output").open("wb") as file:
            code = subprocess.run(command, env=self.env, stdout=file, check=False).returncode
        if code:
            sys.exit(f"chasqui {arguments[0]} ended with {code}")

    def await_edge(self) -> None:
        """Wait until the edge is ready."""
        for _ in range(PATIENCE // PAUSE):
            try:
                if httpx.get(f"{self.url}/readyz").is_success:
                    return
            except httpx.TransportError:
                pass
            sleep(PAUSE.total_seconds())
        sys.exit("the edge is not ready")

    def await_tracker(self) -> None:
        """Wait until the tracker has handled the whole journal, and what follows from it."""
        looks = 0
        for _ in range(PATIENCE // PAUSE):
            read = (EVENTS, CONTRIBUTIONS, EVENTS)
            idle = not any(lag(self.bootstrap, TRACKER_GROUP, each.full_name) for each in read)
            looks = looks + 1 if idle else 0
            if looks == _IDLE_LOOKS:
                return
            sleep(PAUSE.total_seconds())
        sys.exit("the tracker did not come to the end of the journal")

    def _service(self, name: str, *module: str, port: int) -> None:
        env = self.env | {"CHASQUI_HTTP_PORT": str(port), "CHASQUI_METRICS_PORT": "0"}
        log = self._stack.enter_context((self._folder / f"{name}.log").open("wb"))
        child = Child.start([sys.executable, "-m", *module], output=log, env=env)
        self._stack.callback(child.end, timedelta(seconds=20))


def on_the_topic(bootstrap: str) -> Told:
    """What the tracker told."""
    told: Told = defaultdict(list)
    with reading(bootstrap) as consumer:
        for record in records_to_end(consumer, partitions_of(consumer, DELAYS.full_name)):
            told[record.key.decode()].append(record.value)
    return told


def final_states(bootstrap: str, topic: Topic = MOVEMENTS) -> list[bytes]:
    """What the tracker published last of each subject, sorted."""
    return last_words(bootstrap, topic.full_name)


def by_subject(lines: Iterable[bytes]) -> Told:
    """The lines of `chasqui replay --json`, each with its subject."""
    told: Told = defaultdict(list)
    for line in lines:
        delay = json.loads(line)
        told[f"{delay['kind']}/{delay['subject_id']}"].append(line)
    return told


def raised_and_cleared(told: Told) -> Told:
    """What begins and what ends, without what was learnt of publishers by then."""
    known = {subject: [json.loads(line) for line in lines] for subject, lines in told.items()}
    kept = {
        subject: [_without_learnt(each) for each in _lasting(delays)]
        for subject, delays in known.items()
    }
    return {subject: lines for subject, lines in kept.items() if lines}


def _lasting(delays: list[Delay]) -> list[Delay]:
    """The raised and cleared ones of those that were not over before the grace was."""
    over = {each["delay_id"] for each in delays if _over_in_the_grace(each)}
    return [d for d in delays if d["type"] != "delay_changed" and d["delay_id"] not in over]


def _over_in_the_grace(delay: Delay) -> bool:
    if delay["type"] != "delay_cleared" or delay["delay"] != "delivery_overdue":
        return False
    return parse(str(delay["cleared_at"])) <= parse(str(delay["due_at"])) + DEFAULT_LIMITS.grace


def _without_learnt(delay: Delay) -> bytes:
    kept = {name: value for name, value in delay.items() if name not in _LEARNT}
    return json.dumps(kept).encode()


def differences(one: Told, other: Told) -> list[str]:
    """The subjects of which the two do not say the same."""
    return sorted(
        subject for subject in one.keys() | other.keys() if one.get(subject) != other.get(subject)
    )


def counts(told: Told) -> Mapping[str, Counter[str]]:
    """Of each delay: raised, changed, how it ended, and what is open at the end."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (line for lines in told.values() for line in lines):
        delay = json.loads(line)
        word = delay["type"].removeprefix("delay_")
        counted[delay["delay"]][f"ended: {delay['because']}" if word == "cleared" else word] += 1
        counted[delay["delay"]]["open at the end"] += {"raised": 1, "changed": 0, "cleared": -1}[
            word
        ]
    return counted


def tell_counts(rows: list[TakenRow], told: Told) -> None:
    """The figures of the record."""
    refused = refused_rows(rows)
    subjects = {json.loads(row.source.value)["subject_id"] for row in rows}
    click.echo(f"shipments: {len(subjects)}, events: {len(rows)}, refused: {len(refused)}")
    for row in refused:
        click.echo(f"  refused: row {row.row}, {row.event_id}: {row.reason}: {row.detail}")
    likely = [line for lines in told.values() for line in lines if b'"learnt":' in line]
    click.echo(f"  told of what past silences meant: {len(likely)} times")
    for delay, words in sorted(counts(told).items()):
        figures = (f"{word} {count}" for word, count in sorted(words.items()) if count)
        click.echo(f"  {delay}: {', '.join(figures)}")


def send(world: World, part: Path, rows: list[TakenRow], until: datetime) -> None:
    """Send the rows part by part, each once the tracker has handled the one before."""
    world.await_edge()
    began = monotonic()
    for some in parts_of(rows):
        part.write_bytes(b"\n".join(row.source.value for row in some))
        at = until if some[-1] is rows[-1] else some[-1].at
        world.chasqui("publish", str(part), "--until", wire(at))
        world.await_tracker()
    click.echo(f"sent and handled in about {PARTS} parts in {monotonic() - began:.1f} s")


def parts_of(rows: list[TakenRow]) -> Iterator[list[TakenRow]]:
    """About equal parts; what was received at one moment stays together."""
    part: list[TakenRow] = []
    for _, together in groupby(rows, key=lambda row: row.at):
        part += together
        if len(part) * PARTS >= len(rows):
            yield part
            part = []
    if part:
        yield part


def check(world: World, folder: Path, source: tuple[str, ...], rows: list[TakenRow]) -> bool:
    """Send the rows, replay the file and the journal, and tell whether all say the same."""
    journal = folder / "journal.ndjson"
    send(world, folder / "part.ndjson", rows, parse(source[-1]))
    world.chasqui("export", output=journal)
    live = on_the_topic(world.bootstrap)
    tell_counts(rows, live)
    same = [bool(live)]
    for name, arguments, told in (
        ("exported journal", (str(journal),), dict),
        ("file, as they are raised and cleared", source, raised_and_cleared),
    ):
        world.chasqui("replay", *arguments, "--json", output=folder / "delays")
        again = by_subject((folder / "delays").read_bytes().splitlines())
        differing = differences(told(live), told(again))
        records = sum(map(len, told(live).values()))
        outcome = f"DIFFER for {', '.join(differing)}" if differing else "are identical"
        click.echo(f"the {records} delays on the topic and those of the {name}: {outcome}")
        same.append(not differing)
    world.chasqui("replay", str(journal), "--state", output=folder / "states")
    same.append((folder / "states").read_bytes().splitlines() == final_states(world.bootstrap))
    click.echo(
        f"final states on the topic and of the journal: {'identical' if same[-1] else 'DIFFER'}"
    )
    return all(same)


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def main(context: click.Context, path: Path) -> None:
    """Send PATH, a record of aid shipments as CSV, through a real system and compare the delays."""
    started = monotonic()
    rows = taken(Taking(path, MAPPING, Order.RECEIVED, None))
    until = max(row.at for row in rows) + AFTER_THE_LAST
    source = (str(path), "--mapping", str(MAPPING), "--until", wire(until))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        same = check(World(folder, stack), folder, source, rows)
    click.echo(f"everything in {monotonic() - started:.1f} s")
    context.exit(0 if same else 1)


if __name__ == "__main__":
    main()
