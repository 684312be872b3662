"""A subject at another moment, and its slip ledger: what `chasqui show` tells from the journal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson

from schemas.times import wire
from services.cli.errors import CommandError
from services.cli.journal import Journal
from services.cli.journal_on_kafka import journal_of
from services.cli.retold import Retold
from services.cli.rows import JsonObject
from services.cli.settings import read_settings
from services.cli.subject import Subject
from services.cli.taking import Order, Taking
from services.runtime.processor import Record
from services.tracker.core.as_of import as_of, promise_as_of
from services.tracker.core.commitment import Commitment
from services.tracker.core.heard import Heard
from services.tracker.core.movement import Movement
from services.tracker.core.slips import Slip, slips
from services.tracker.core.view import dumps
from services.tracker.timeline import timeline


@dataclass(frozen=True)
class Moment:
    """What had happened by `at`, as it was known at `known_at`; None is the end of the journal."""

    at: datetime | None
    known_at: datetime | None


class Past:
    """What is told of a subject at a moment."""

    def __init__(
        self, known: Movement | Commitment, heard: Iterable[Heard], at: datetime | None
    ) -> None:
        self._known = known
        self._heard = heard
        self._at = at

    @property
    def record(self) -> JsonObject:
        """The record as the tracker gives it, with the field `slips`.

        A delay that is computed with what was learnt later was never told, and has no id.
        """
        record: dict[str, Any] = orjson.loads(dumps(self._known.view()))
        if self._at is not None:
            for delay in record["delays"]:
                del delay["delay_id"]
        return {**record, "slips": [_wired(slip) for slip in self.slips]}

    @property
    def events(self) -> list[JsonObject]:
        """The timeline."""
        return timeline(self._known.history)

    @property
    def slips(self) -> list[Slip]:
        """The moves that had been said."""
        return slips(self._known.history, filter(self._was_said, self._heard))

    def _was_said(self, each: Heard) -> bool:
        return self._at is None or each.report.revised_at <= self._at


def past(subject: Subject, moment: Moment, file: Path | None) -> Past:
    """Read the journal from FILE or else from Kafka; CommandError where it knows nothing."""
    keys = {subject.key}
    if subject.promised:
        keys |= _naming(subject.subject_id, _journal(subject, moment.known_at, file))
    retold = Retold(keys, _journal(subject, moment.known_at, file), moment.known_at)
    known = (_promised if subject.promised else _moved)(retold, subject.key, moment.at)
    if known is None:
        raise CommandError(_nothing(subject, moment))
    return Past(known, retold.heard[subject.key], moment.at)


def _moved(retold: Retold, key: bytes, at: datetime | None) -> Movement | None:
    known = retold.movement(key)
    if known is None or at is None:
        return known
    return as_of(known, retold.heard[key], at, retold.judge)


def _promised(retold: Retold, key: bytes, at: datetime | None) -> Commitment | None:
    known = retold.commitment(key)
    if known is None or at is None:
        return known
    movements = (_moved(retold, other, at) for other in retold.heard if other != key)
    return promise_as_of(known, retold.heard[key], filter(None, movements), at, retold.book)


def _journal(subject: Subject, until: datetime | None, file: Path | None) -> Iterator[Record]:
    if file is not None:
        return Journal(Taking(file, None, Order.RECEIVED, None)).records()
    one = None if subject.promised else subject
    return journal_of(read_settings().kafka_bootstrap_servers, one, until)


def _naming(commitment: str, records: Iterable[Record]) -> set[bytes]:
    """Whose records ever named it, terms included: nothing else can contribute to it."""
    name = orjson.dumps(commitment)
    return {each.key for each in records if each.key and name in (each.value or b"")}


def _nothing(subject: Subject, moment: Moment) -> str:
    said = f"Nothing of {subject.kind}/{subject.subject_id} is in the journal"
    known = f" that was known at {wire(moment.known_at)}" if moment.known_at else ""
    at = f" and said or done by {wire(moment.at)}" if moment.at else ""
    return f"{said}{known}{at}."


def _wired(slip: Slip) -> JsonObject:
    wired: JsonObject = msgspec.to_builtins(slip)
    times = ("from_at", "to_at", "revised_at", "known_at")
    moments = {name: getattr(slip, name) for name in times}
    return wired | {name: wire(at) if at else None for name, at in moments.items()}
