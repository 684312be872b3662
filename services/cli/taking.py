"""In which order a file's events are taken, and which of them are admitted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from schemas.events import Event
from services.cli.errors import CommandError
from services.cli.source_file import SourceRow, open_source
from services.ingest.core.admission import Admitted, Refused, admit
from services.ingest.core.stamp import JournalStamp
from services.runtime.keys.source import EVERYTHING, Scope, Source

LOCAL_SOURCE = Source("file", (EVERYTHING,), scopes=frozenset(Scope))
"""Whoever holds the file may say everything: what a key may say is for the edge to judge."""
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class Order(StrEnum):
    """How a file's events follow each other."""

    RECEIVED = "received"
    """By (received_at, position)."""
    FILE = "file"
    """As they stand there."""


@dataclass(frozen=True, slots=True)
class FileStamp(JournalStamp):
    """The journal's clock, but for events that say themselves when they were ingested."""

    def receipt(self, event: Event) -> datetime:
        return event.ingested_at or JournalStamp.receipt(self, event)


class TakenRow(NamedTuple):
    """A row with its verdict, taken at the moment it counts as received."""

    source: SourceRow
    verdict: Admitted | Refused
    at: datetime


@dataclass(frozen=True)
class Taking:
    """What the commands are told about how to take a file."""

    path: Path
    mapping: Path | None
    order: Order
    until: datetime | None


def judged(rows: Iterable[SourceRow], order: Order) -> Iterator[TakenRow]:
    """Each row with its verdict, in the order of the file.

    An event that does not say when it was received gets the running maximum of when events were
    written down. Told times do not move it: the rows are sorted by them afterwards. In the file's
    own order they do, as they do at the edge.
    """
    stamp = FileStamp()
    for row in rows:
        verdict = admit(row.value, LOCAL_SOURCE, stamp)
        if isinstance(verdict, Refused):
            yield TakenRow(row, verdict, verdict.received_at or stamp.moment() or _BEFORE_ALL)
            continue
        told = verdict.event.received_at or verdict.event.ingested_at
        if told is None or order is Order.FILE:
            stamp = stamp.after(verdict.at)
        yield TakenRow(row, verdict, verdict.at)


def taken(taking: Taking) -> list[TakenRow]:
    """The file's rows in the order they are taken, without those received after `until`.

    CommandError for an export: it is the journal, whose records were admitted already.
    """
    source = open_source(taking.path, taking.mapping)
    if source.exported:
        raise CommandError(f"{taking.path} is an export of the journal: it can only be replayed.")
    return in_order(taking, source.rows)


def in_order(taking: Taking, rows: Iterable[SourceRow]) -> list[TakenRow]:
    """The rows in the order they are taken, without those received after `until`."""
    in_time = [
        row for row in judged(rows, taking.order) if taking.until is None or row.at <= taking.until
    ]
    return sorted(in_time, key=_taken_at) if taking.order is Order.RECEIVED else in_time


def _taken_at(row: TakenRow) -> datetime:
    return row.at
