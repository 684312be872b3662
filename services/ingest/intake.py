"""From rows to what Kafka must hold before anybody is answered; the same for both ways in."""

from dataclasses import dataclass, field

from schemas.topics import EVENTS
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Admitted, Refused, admit
from services.ingest.core.quarantine import quarantined
from services.ingest.core.stamp import ClockStamp, JournalStamp, Stamp
from services.runtime.clock import Clock
from services.runtime.keys.source import Source
from services.runtime.logs import logger
from services.runtime.processor import Record

Verdict = Admitted | Refused


@dataclass(slots=True)
class Batch:
    """Rows of one origin with their verdicts, in order, and the records that they become."""

    source: str
    stamp: Stamp
    verdicts: list[Verdict] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


class Intake:
    """Judges rows one after the other and remembers how far the journal's own clock has come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._journal = JournalStamp()

    def open(self, source: str) -> Batch:
        """A batch that starts now. `source` is the key id of who sends."""
        return Batch(source, ClockStamp(self._clock.now()) if self._clock.ticks else self._journal)

    def judge(self, batch: Batch, row: bytes, source: Source, origin: str) -> Verdict:
        """Judge the batch's next row and add what it becomes."""
        verdict = _judged(row, source, batch.stamp)
        if isinstance(verdict, Admitted):
            batch.stamp = batch.stamp.after(verdict.at)
            batch.verdicts.append(verdict)
            batch.records.append(
                Record(EVENTS.full_name, verdict.key, verdict.value, verdict.headers)
            )
        else:
            self.bury(batch, row, verdict, origin)
        return verdict

    def bury(self, batch: Batch, row: bytes, refused: Refused, origin: str) -> None:
        """Add a row that is refused."""
        batch.verdicts.append(refused)
        number, at = len(batch.verdicts), batch.stamp.moment() or self._clock.now()
        record = quarantined(row, refused, origin=origin, number=number, source=batch.source, at=at)
        batch.records.append(record)

    def keep(self, batch: Batch) -> None:
        """The batch is safe: the journal's own clock has come as far as its records."""
        if isinstance(batch.stamp, JournalStamp) and batch.stamp.last is not None:
            self._journal = self._journal.after(batch.stamp.last)


def _judged(row: bytes, source: Source, stamp: Stamp) -> Verdict:
    try:
        return admit(row, source, stamp)
    except Exception as error:  # noqa: BLE001 -- what nobody foresaw is buried too, never lost
        logger(__name__).exception("admission_failed", source=source.key_id)
        return Refused(RefusalReason.BROKEN, None, f"{type(error).__name__}: see the log of ingest")
