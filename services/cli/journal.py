"""A file as the journal's records: what the tracker would have read."""

from collections.abc import Iterator
from datetime import datetime

import orjson

from schemas.canonical import journal_value
from schemas.journal import BROADCAST
from schemas.refusals import RefusedEvent, event_of
from schemas.times import parse
from schemas.topics import EVENTS
from services.cli.errors import CommandError
from services.cli.rows import JsonObject
from services.cli.source_file import SourceFile, SourceRow, open_source
from services.cli.taking import TakenRow, Taking, in_order
from services.ingest.core.admission import Refused
from services.runtime.moments import to_ms
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
        """Whether it holds all that stood in the journal, our own records too."""
        return self._source.exported

    def records(self) -> Iterator[Record]:
        """An export keeps one clock per partition; any other file has one clock for all."""
        source = self._source
        for record in self._exported(source) if source.exported else self._admitted(source):
            self.admitted += 1
            yield record

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


def _record(row: SourceRow) -> tuple[datetime, Record]:
    """A line of an export as the record it was; one that was written by hand is completed."""
    try:
        said = orjson.loads(row.value)
        at = parse(said.get("ingested_at") or said["at"])
        key, value = (None, row.value) if said["type"] in BROADCAST else _event(said, at)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        message = f"Line {row.row} is not a record of the journal: {error!r}."
        raise CommandError(message) from error
    except RefusedEvent as error:
        message = f"Line {row.row} is not a record of the journal: {error.refusal.detail}."
        raise CommandError(message) from error
    headers = (("at", b"%d" % to_ms(at)),)
    partition, offset = row.place or (_ONE_CLOCK, row.row)
    return at, Record(EVENTS.full_name, key, value, headers, partition, offset)


def _event(said: JsonObject, at: datetime) -> tuple[bytes, bytes]:
    event = event_of(said)
    return f"{event.kind}/{event.subject_id}".encode(), journal_value(event, at)
