"""A batch's rows become records, and only a batch that is safe moves the journal's own clock."""

from dataclasses import dataclass
from datetime import datetime

from schemas.events import Event
from schemas.topics import EVENTS, QUARANTINE
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Admitted, Refused
from services.ingest.core.stamp import ClockStamp
from services.ingest.intake import Intake
from services.runtime.clock import parse_clock
from services.runtime.keys.source import Scope, Source
from tests.unit.ingest.saying import NOW, row

SOURCE = Source("hsi", ("*",), scopes=frozenset({Scope.BACKFILL}))
LATER = row(occurred_at="2026-02-04T10:00:00Z", recorded_at="2026-02-04T10:00:00Z")


def judged_at(intake: Intake, data: bytes, *, safe: bool) -> datetime:
    batch = intake.open(SOURCE.key_id)
    verdict = intake.judge(batch, data, SOURCE, "http:hsi")
    assert isinstance(verdict, Admitted)
    if safe:
        intake.keep(batch)
    return verdict.at


def test_what_is_not_safe_has_not_happened() -> None:
    intake = Intake(parse_clock("journal"))
    lost = judged_at(intake, LATER, safe=False)
    before = judged_at(intake, row(), safe=True)
    assert before < lost
    assert judged_at(intake, LATER, safe=True) == lost
    assert judged_at(intake, row(), safe=True) == lost


def test_rows_of_one_batch_follow_each_other() -> None:
    intake = Intake(parse_clock("journal"))
    batch = intake.open(SOURCE.key_id)
    verdicts = [intake.judge(batch, data, SOURCE, "http:hsi") for data in (LATER, row())]
    assert [verdict.at for verdict in verdicts if isinstance(verdict, Admitted)] == [
        datetime.fromisoformat("2026-02-04T10:00:00+00:00")
    ] * 2


def test_business_time_may_run_fast() -> None:
    intake = Intake(parse_clock("2026-02-03T20:00:00Z x0.000001"))
    assert judged_at(intake, row(), safe=True) == NOW
    batch = intake.open(SOURCE.key_id)
    future = intake.judge(batch, LATER, SOURCE, "http:hsi")
    assert isinstance(future, Refused)
    assert future.server_time == NOW


def test_a_refused_row_goes_to_quarantine_at_its_place() -> None:
    intake = Intake(parse_clock("2026-02-03T20:00:00Z x0.000001"))
    batch = intake.open(SOURCE.key_id)
    intake.judge(batch, row(), SOURCE, "http:hsi")
    said = row(type="teleported", received_at="2026-02-03T19:40:00Z")
    intake.judge(batch, said, SOURCE, "http:hsi")
    future = row(recorded_at="2026-02-03T19:59:00Z", received_at="2026-02-03T19:40:00Z")
    intake.judge(batch, future, SOURCE, "http:hsi")
    assert [record.topic for record in batch.records] == [
        EVENTS.full_name,
        QUARANTINE.full_name,
        QUARANTINE.full_name,
    ]
    assert (batch.records[1].key, batch.records[1].value) == (b"US-DHS-HSI", said)
    assert dict(batch.records[1].headers)["row"] == b"2"
    # What a backfill said of its receipt stays with the row, so that a replay keeps it.
    assert dict(batch.records[2].headers)["received_at"] == b"2026-02-03T19:40:00Z"


@dataclass(frozen=True, slots=True)
class StoppedClock(ClockStamp):
    """A fault that nobody foresaw."""

    def receipt(self, event: Event) -> datetime:
        raise ZeroDivisionError


def test_what_nobody_foresaw_is_buried() -> None:
    intake = Intake(parse_clock("wall"))
    batch = intake.open(SOURCE.key_id)
    batch.stamp = StoppedClock(NOW)
    verdict = intake.judge(batch, row(), SOURCE, "kafka:chasqui.field-reports/0/7")
    assert isinstance(verdict, Refused)
    assert verdict.reason is RefusalReason.BROKEN
    assert batch.records[0].value == row()
    assert dict(batch.records[0].headers)["origin"] == b"kafka:chasqui.field-reports/0/7"
