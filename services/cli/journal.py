"""A file as the journal's records: what the tracker would have read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from operator import itemgetter

import orjson

from schemas.canonical import journal_value
from schemas.journal import BROADCAST
from schemas.refusals import RefusedEvent, event_of
from schemas.times import parse
from schemas.topics import EVENTS
from services.cli.errors import CommandError
from services.cli.refusals import refused_rows, tell_refused
from services.cli.rows import JsonObject
from services.cli.source_file import SourceFile, SourceRow, open_source
from services.cli.taking import TakenRow, Taking, in_order
from services.ingest.core.admission import Refused
from services.runtime.moments import to_ms
from services.runtime.partition import moment_of
from services.runtime.processor import Record

_ONE_CLOCK = 0


class Journal:
    """The journal that a file tells; `refused` and `admitted` are known once it was read."""

    def __init__(self, taking: Taking) -> None:
        self.refused: list[TakenRow] = []
        self.admitted = 0
        self._taking = taking
        self._source = open_source(taking.path, taking.mapping)

    @property
    def exported(self) -> bool:
        """Whether the file is the whole journal, with what the tracker itself wrote to it."""
        return self._source.exported

    def in_time(self) -> Iterable[Record]:
        """The records by their partitions' times, each partition in its own order.

        What one partition hands to another comes in its time only so; an export is kept in memory.
        """
        return in_time(self.records()) if self.exported else self.records()

    def records(self) -> Iterator[Record]:
        """An export keeps one clock per partition; any other file has one clock for all."""
        source = self._source
        for record in self._exported(source) if source.exported else self._admitted(source):
            self.admitted += 1
            yield record

    def tell_refused(self) -> None:
        """Count the refused rows on stderr; CommandError when there are no others."""
        refused = refused_rows(self.refused)
        tell_refused(refused)
        if refused and not self.admitted:
            message = f"None of the {len(refused)} rows can be used."
            raise CommandError(message)

    def _admitted(self, source: SourceFile) -> Iterator[Record]:
        for row in in_order(self._taking, source.rows):
            if isinstance(row.verdict, Refused):
                self.refused.append(row)
            else:
                verdict = row.verdict
                yield Record(
                    EVENTS.full_name, verdict.key, verdict.value, verdict.headers, _ONE_CLOCK
                )

    def _exported(self, source: SourceFile) -> Iterator[Record]:
        until = self._taking.until
        for row in source.rows:
            at, record = _record(row)
            if until is None or at <= until:
                yield record


def in_time(records: Iterable[Record]) -> list[Record]:
    """Of several partitions at one moment that goes on where time has passed, by a tick."""
    placed: dict[int, list[tuple[int, bool, Record]]] = defaultdict(list)
    for record in records:
        told = placed[record.partition or 0]
        time = max(told[-1][0] if told else 0, moment_of(record) or 0)
        told.append((time, record.key is not None, record))
    in_order = merge(*(placed[number] for number in sorted(placed)), key=itemgetter(0, 1))
    return [record for _, _, record in in_order]


def _record(row: SourceRow) -> tuple[datetime, Record]:
    """A line of an export as the record it was; one that was written by hand is completed."""
    try:
        said = orjson.loads(row.value)
        at = parse(said.get("ingested_at") or said["at"])
        key, value = _keyed(said, row.value, at)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        message = f"Line {row.row} is not a record of the journal: {error!r}."
        raise CommandError(message) from error
    except RefusedEvent as error:
        message = f"Line {row.row} is not a record of the journal: {error.refusal.detail}."
        raise CommandError(message) from error
    headers = (("at", b"%d" % to_ms(at)),)
    partition, offset = row.place or (_ONE_CLOCK, row.row)
    return at, Record(EVENTS.full_name, key, value, headers, partition, offset)


def _keyed(said: JsonObject, value: bytes, at: datetime) -> tuple[bytes | None, bytes]:
    """The record's key and value; what is not an event goes on as it is."""
    if said["type"] in BROADCAST:
        return None, value
    if said["type"] == "terms":
        return f"{said['kind']}/{said['subject_id']}".encode(), value
    return _event(said, at)


def _event(said: JsonObject, at: datetime) -> tuple[bytes, bytes]:
    event = event_of(said)
    return f"{event.kind}/{event.subject_id}".encode(), journal_value(event, at)
