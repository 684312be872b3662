"""A subject at another moment, and its slip ledger: what `chasqui show` tells from the journal."""

from collections.abc import Iterator
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
from services.tracker.core.as_of import as_of
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

    def __init__(self, retold: Retold, movement: Movement, at: datetime | None) -> None:
        self._movement = movement
        self._heard = retold.heard
        self._at = at

    @property
    def record(self) -> JsonObject:
        """The record as the tracker gives it, with the field `slips`.

        A delay that is computed with what was learnt later was never told, and has no id.
        """
        record: dict[str, Any] = orjson.loads(dumps(self._movement.view()))
        if self._at is not None:
            for delay in record["delays"]:
                del delay["delay_id"]
        return {**record, "slips": [_wired(slip) for slip in self.slips]}

    @property
    def events(self) -> list[JsonObject]:
        """The timeline."""
        return timeline(self._movement.history)

    @property
    def slips(self) -> list[Slip]:
        """The moves that had been said."""
        return slips(self._movement.history, filter(self._was_said, self._heard))

    def _was_said(self, each: Heard) -> bool:
        return self._at is None or each.report.revised_at <= self._at


def past(subject: Subject, moment: Moment, file: Path | None) -> Past:
    """Read the journal from FILE or else from Kafka; CommandError where it knows nothing."""
    records = _journal(subject, moment.known_at, file)
    retold = Retold(subject, records, moment.known_at)
    known = retold.movement
    if known is not None and moment.at is not None:
        known = as_of(known, retold.heard, moment.at, retold.judge)
    if known is None:
        raise CommandError(_nothing(subject, moment))
    return Past(retold, known, moment.at)


def _journal(subject: Subject, until: datetime | None, file: Path | None) -> Iterator[Record]:
    if file is not None:
        return Journal(Taking(file, None, Order.RECEIVED, None)).records()
    return journal_of(read_settings().kafka_bootstrap_servers, subject, until)


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
