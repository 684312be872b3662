"""What the edge lets into the journal, and the reason for everything that it does not."""

import json
from datetime import datetime, timedelta

import pytest

from schemas.canonical import canonical, canonical_hash, without_ingested_at
from schemas.vocabulary import RefusalReason
from services.ingest.core.admission import Admitted, Refused, admit
from services.ingest.core.quarantine import quarantined
from services.ingest.core.stamp import ClockStamp, JournalStamp, Stamp
from services.runtime.keys.source import Scope, Source
from services.runtime.moments import to_ms
from services.tracker.core.events import read_report
from tests.unit.ingest.saying import NOW, row

ANYONE = Source("hsi", ("*",))
OPERATOR = Source("desk", ("*",), scopes=frozenset({Scope.OPERATOR}))
BACKFILL = Source("old", ("*",), scopes=frozenset({Scope.BACKFILL}))
CLOCK = ClockStamp(NOW)
HAND_OVER = {"type": "handed_over", "lines": [{"line": 1, "accepted": 1}]}
REBASELINED = {
    "type": "rebaselined",
    "milestone": "handed_over",
    "at": "2026-05-01T00:00:00Z",
    "note": "agreed",
}

RESOLVING: tuple[dict[str, object], ...] = (
    {
        "type": "preferred",
        "doubt": "possible_duplicate",
        "counts": {"publisher": "US-FBI", "type": "lost"},
        "note": "the signed one",
    },
    {
        "type": "preferred",
        "doubt": "conflict",
        "counts": {"publisher": "US-FBI", "event_id": "x", "content": "0f" * 16},
        "note": "the other was made from a wrong template",
    },
    {"type": "adopted", "parties": {"owner": "US-FBI"}, "note": "found at the port"},
    {"type": "reopened", "note": "cancelled by mistake"},
)


def admitted(data: bytes, source: Source = ANYONE, stamp: Stamp = CLOCK) -> Admitted:
    verdict = admit(data, source, stamp)
    assert isinstance(verdict, Admitted), verdict
    return verdict


def refused(data: bytes, source: Source = ANYONE, stamp: Stamp = CLOCK) -> Refused:
    verdict = admit(data, source, stamp)
    assert isinstance(verdict, Refused), verdict
    return verdict


def test_a_journal_record() -> None:
    verdict = admitted(row())
    assert verdict.key == b"shipment/EC-AMB-0017"
    assert json.loads(verdict.value) == {
        "classifier": "actual",
        "event_id": "hsi-1",
        "ingested_at": "2026-02-03T20:00:00Z",
        "kind": "shipment",
        "leg": 1,
        "occurred_at": "2026-02-03T19:00:00Z",
        "publisher": "US-DHS-HSI",
        "recorded_at": "2026-02-03T19:31:12Z",
        "retracted": False,
        "revised_at": "2026-02-03T19:31:12Z",
        "schema_version": 1,
        "subject_id": "EC-AMB-0017",
        "type": "departed",
    }
    assert dict(verdict.headers) == {"at": str(to_ms(NOW)).encode(), "source": b"hsi"}


def test_the_stamp_is_beside_the_canonical_form() -> None:
    verdict = admitted(row(ingested_at="2020-01-01T00:00:00Z"))
    assert without_ingested_at(verdict.value) == canonical(verdict.event)
    assert verdict.at == NOW


def test_an_absent_id_follows_from_the_content() -> None:
    first = admitted(row(event_id=None))
    again = admitted(row(event_id=None, recorded_at="2026-02-03T14:40:00-05:00"))
    assert first.event_id == again.event_id
    assert len(first.event_id) == len(canonical_hash(b""))
    assert first.event_id != admitted(row(event_id=None, leg=2)).event_id


def test_unknown_fields_are_counted() -> None:
    assert admitted(row()).unknown_fields == 0
    assert (
        admitted(row(colour="red", parties={"owner": "US-FBI", "driver": "x"})).unknown_fields == 2
    )


def test_a_persons_data_is_refused_first_and_named_without_its_value() -> None:
    passports = [{"line": 1, "quantity": 1, "bearer": {"passport": "K-4711"}}]
    for data in (
        row(colour="red", crew=[{"first_name": "Ana"}]),
        row(type="lost", lines=passports),
        row(first_name="Ana", occurred_at="2026-02-03T14:00:00", mode="boat"),
        row(first_name="Ana", type="teleported"),
        row(first_name="Ana", recorded_at="2026-02-03T20:10:00.001Z"),
        row(parties={"owner": "US-FBI", "contact_name": "Ana"}, **REBASELINED),
    ):
        verdict = refused(data)
        assert verdict.reason == RefusalReason.PERSONAL_DATA
        assert "Ana" not in verdict.detail
        assert "4711" not in verdict.detail
    assert refused(row(type="lost", lines=passports)).field == "lines.bearer.passport"


def test_of_a_persons_data_the_quarantine_keeps_the_name_of_the_event_alone() -> None:
    data = row(first_name="Ana", location={"country": "EC", "name": "ana@policia.gob.ec"})
    record = quarantined(data, refused(data), origin="http:k", number=1, source="k", at=NOW)
    assert json.loads(record.value or b"") == {
        "event_id": "hsi-1",
        "kind": "shipment",
        "publisher": "US-DHS-HSI",
        "subject_id": "EC-AMB-0017",
        "type": "departed",
    }
    assert b"Ana" not in b"".join(value for _, value in record.headers)
    other = row(occurred_at="2026-02-03T14:00:00")
    kept = quarantined(other, refused(other), origin="http:k", number=1, source="k", at=NOW)
    assert kept.value == other


@pytest.mark.parametrize("request_of", [{}, *RESOLVING, REBASELINED, HAND_OVER])
def test_a_request_of_the_recipient_is_kept(request_of: dict[str, object]) -> None:
    verdict = admitted(row(refs={"request": "EC-PN-2025-088"}, **request_of), OPERATOR)
    assert read_report(verdict.value).refs.request == "EC-PN-2025-088"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'{"a": NaN}', "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b'{"a":"\xed\xa0\x80"}', "not_utf8"),
        (b'{"a":"\\ud800"}', "not_json"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "too_deep"),
        (b" " * 70_000, "too_large"),
        (b"9" * 10_000, "not_json"),
        (row(subject_id=None), "missing_field"),
        (row(subject_id=7), "wrong_type"),
        (row(type="teleported"), "unknown_type"),
        (row(type=[]), "wrong_type"),
        (row(schema_version=2), "unknown_version"),
        (row(occurred_at="2026-02-03T14:00:00"), "naive_time"),
        (row(occurred_at="1999-02-03T14:00:00Z"), "implausible_time"),
        (row(classifier="estimated", occurred_at="2101-02-03T14:00:00Z"), "implausible_time"),
        (row(revised_at="2026-02-03T14:00:00-05:00"), "implausible_time"),
        (row(occurred_at="2026-02-03T20:10:00.001Z"), "future_actual"),
        (row(recorded_at="2026-02-03T20:10:00.001Z"), "future_recorded"),
        (row(revised_at="2026-02-03T20:10:00.001Z"), "future_recorded"),
        (row(type="lost", lines=[{"line": 1, "quantity": 0}]), "bad_quantity"),
        (row(location={"country": "XX"}), "bad_code"),
        (row(refs={"container": "CSQU3054384"}), "bad_check_digit"),
        (row(type="held", hold_id="H", reason="customs", classifier="planned"), "bad_classifier"),
        (row(event_id=None, **HAND_OVER), "missing_field"),
        (row(**REBASELINED), "not_allowed"),
        (row(received_at="2026-02-03T19:40:00Z"), "not_allowed"),
    ],
)
def test_reasons(data: bytes, reason: str) -> None:
    assert refused(data).reason == RefusalReason(reason)


def test_ten_minutes_ahead_is_not_yet_the_future() -> None:
    latest = "2026-02-03T20:10:00Z"
    assert admitted(row(occurred_at=latest, recorded_at=latest)).at == NOW
    assert admitted(row(occurred_at="2026-12-01T00:00:00Z", classifier="planned")).at == NOW


@pytest.mark.parametrize("field", ["occurred_at", "recorded_at"])
def test_a_source_ahead_of_us_is_told_our_time(field: str) -> None:
    verdict = refused(row(**{field: "2026-02-03T23:00:00Z"}))
    assert (verdict.field, verdict.server_time) == (field, NOW)
    assert "2026-02-03T23:00:00Z" in verdict.detail


def test_a_refusal_names_what_could_be_read() -> None:
    verdict = refused(row(type="teleported"))
    assert (verdict.event_id, verdict.publisher, verdict.field) == ("hsi-1", "US-DHS-HSI", "type")
    assert refused(row(event_id="a\nb", type="teleported")).event_id is None


@pytest.mark.parametrize(
    ("source", "field"),
    [
        (Source("k", ("US-FBI",)), "publisher"),
        (Source("k", ("US-*",), kinds=("deployment",)), "kind"),
        (Source("k", ("US-*",), types=("arrived", "held")), "type"),
    ],
)
def test_a_source_speaks_within_its_scope(source: Source, field: str) -> None:
    verdict = refused(row(), source)
    assert (verdict.reason, verdict.field) == (RefusalReason.NOT_ALLOWED, field)


def test_only_an_operator_says_operators_words() -> None:
    everything = Source("k", ("*",), types=("rebaselined",))
    assert refused(row(**REBASELINED), everything).field == "type"
    assert admitted(row(**REBASELINED), OPERATOR).event.type == "rebaselined"
    for said in RESOLVING:
        assert refused(row(**said), ANYONE).field == "type"
        assert admitted(row(**said), OPERATOR).event.type == said["type"]
    taken_back = row(type="rebaselined", retracted=True, retract_reason="incorrect_data")
    assert refused(taken_back).reason == RefusalReason.NOT_ALLOWED


def test_a_backfill_says_when_it_was_received() -> None:
    data = row(received_at="2026-02-03T19:40:00Z")
    assert admitted(data, BACKFILL).at == NOW - timedelta(minutes=20)
    assert b"received_at" not in admitted(data, BACKFILL).value
    assert admitted(row(), BACKFILL).at == NOW
    assert refused(row(received_at="2026-02-03T20:00:00.001Z"), BACKFILL).field == "received_at"


def test_plausible_is_what_was_so_at_its_receipt() -> None:
    verdict = refused(row(received_at="2026-02-03T18:00:00Z"), BACKFILL)
    assert verdict.reason == RefusalReason.FUTURE_ACTUAL
    assert verdict.received_at == NOW - timedelta(hours=2)
    assert verdict.server_time == NOW


def at(hour: int) -> datetime:
    return NOW.replace(hour=hour)


def test_the_journal_clock_moves_with_the_records() -> None:
    stamp = JournalStamp()
    said = [
        ("2026-02-03T15:00:00Z", None),
        ("2026-02-03T14:00:00Z", None),
        ("2026-02-03T14:00:00Z", "2026-02-03T16:00:00Z"),
    ]
    moments = []
    for recorded_at, revised_at in said:
        data = row(
            occurred_at="2026-02-03T13:00:00Z", recorded_at=recorded_at, revised_at=revised_at
        )
        verdict = admitted(data, ANYONE, stamp)
        stamp = stamp.after(verdict.at)
        moments.append(verdict.at)
    assert moments == [at(15), at(15), at(16)]


def test_the_journal_clock_takes_a_backfill_at_its_word() -> None:
    stamp = JournalStamp(at(20))
    verdict = admitted(row(received_at="2026-02-03T19:40:00Z"), BACKFILL, stamp)
    assert verdict.at == at(19) + timedelta(minutes=40)
    assert stamp.after(verdict.at) == stamp
    later = admitted(row(received_at="2031-01-01T00:00:00Z"), BACKFILL, stamp)
    assert stamp.after(later.at).moment() == later.at


def test_the_journal_clock_still_knows_a_future_actual() -> None:
    verdict = refused(row(occurred_at="2026-02-03T23:00:00Z"), ANYONE, JournalStamp())
    assert verdict.reason == RefusalReason.FUTURE_ACTUAL
