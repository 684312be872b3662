"""A file's rows sent to the edge or to Kafka, in order, so that a broken run can go on."""

from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import Protocol

import orjson
from kafka import KafkaProducer
from kafka.producer.future import FutureRecordMetadata

from schemas.topics import FIELD_REPORTS
from services.cli.edge import Edge, batches
from services.cli.errors import CommandError
from services.cli.position import Position
from services.cli.refusals import RefusedRow
from services.cli.taking import TakenRow
from services.runtime.clock import Clock


class Sender(Protocol):
    """Sends a batch and answers, when it is safe, which of its rows were refused."""

    def send(self, rows: Sequence[TakenRow]) -> list[RefusedRow]: ...


class EdgeSender:
    """To the ingest edge over HTTP: the outcome of each row is known at once."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def send(self, rows: Sequence[TakenRow]) -> list[RefusedRow]:
        answer = self._edge.send([row.source.value for row in rows])
        return [
            RefusedRow(
                rows[told.row - 1].source.row,
                told.reason or "",
                told.field,
                told.detail,
                told.event_id,
            )
            for told in answer.rows
            if told.outcome == "refused"
        ]


class FieldReportsSender:
    """To the topic of field reports: what is refused there goes to quarantine, untold here."""

    def __init__(self, producer: KafkaProducer, key: str) -> None:
        self._producer = producer
        self._headers = [("key", key.encode())]

    def send(self, rows: Sequence[TakenRow]) -> list[RefusedRow]:
        sent = [self._sent(row.source.value) for row in rows]
        self._producer.flush()
        for future in sent:
            future.get()
        return []

    def _sent(self, value: bytes) -> FutureRecordMetadata:
        return self._producer.send(
            FIELD_REPORTS.full_name, key=_key_of(value), value=value, headers=self._headers
        )


def _key_of(value: bytes) -> bytes | None:
    """The subject, so that its events stay in order; any partition for what is no event."""
    try:
        said = orjson.loads(value)
        return f"{said['kind']}/{said['subject_id']}".encode()
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


def send_all(
    rows: Sequence[TakenRow],
    sender: Sender,
    position: Position,
    pace: Clock | None,
    advance: Callable[[int], None],
) -> list[RefusedRow]:
    """Send what was not acknowledged yet; answers what was refused of it."""
    done = min(position.read(), len(rows))
    advance(done)
    refused = []
    for due in _due(rows[done:], pace):
        for batch in batches([row.source.value for row in due]):
            refused += sender.send(due[batch])
            done += len(due[batch])
            position.write(done)
            advance(done)
    return refused


def _due(rows: Sequence[TakenRow], pace: Clock | None) -> Iterator[Sequence[TakenRow]]:
    """All rows at once or, at the pace of a clock, each when it has come."""
    start = 0
    while pace is not None and start < len(rows):
        wait = pace.seconds_until(rows[start].at)
        if wait is None:
            message = "--pace needs a clock that moves by itself; CHASQUI_CLOCK is journal."
            raise CommandError(message)
        sleep(wait)
        end = start + 1
        while end < len(rows) and pace.seconds_until(rows[end].at) == 0:
            end += 1
        yield rows[start:end]
        start = end
    if start < len(rows):
        yield rows[start:]
