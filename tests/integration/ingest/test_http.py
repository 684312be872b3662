"""Events over HTTP, on a real Kafka: what is answered is what stands there."""

import gzip
import json
from pathlib import Path

import httpx
import pytest

from services.runtime.keys.file import add_source
from tests.integration.ingest.witness import Witness
from tests.unit.ingest.saying import row, saying

NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}


async def test_one_event(client: httpx.AsyncClient, events: Witness) -> None:
    answer = await client.post("/v1/events", json=saying())
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "refused": 0,
        "rows": [{"row": 1, "event_id": "hsi-1", "outcome": "accepted"}],
    }
    (record,) = events.records()
    assert record.key == b"shipment/EC-AMB-0017"
    value = json.loads(record.value)
    assert value["event_id"] == "hsi-1"
    assert dict(record.headers)["source"] == b"hsi"
    assert dict(record.headers)["at"].isdigit()
    assert "ingested_at" in value


async def test_rows_are_answered_in_their_order_and_refused_ones_are_kept(
    client: httpx.AsyncClient, events: Witness, quarantine: Witness
) -> None:
    bad = b'{"event_id": "b",  "publisher": "US-FBI", "kind": "shipment", "type": "arrived"}'
    body = b"\n".join([row(event_id="a"), bad, b"\xff", row(event_id="d")])
    answer = await client.post("/v1/events", content=body, headers=NDJSON)
    assert answer.status_code == 202
    said = answer.json()
    assert (said["accepted"], said["refused"]) == (2, 2)
    assert [each["row"] for each in said["rows"]] == [1, 2, 3, 4]
    assert [each["event_id"] for each in said["rows"]] == ["a", "b", None, "d"]
    assert said["rows"][1]["reason"] == "missing_field"
    assert [json.loads(each.value)["event_id"] for each in events.records()] == ["a", "d"]
    kept = {each.value: (each.key, dict(each.headers)) for each in quarantine.records()}
    assert set(kept) == {bad, b"\xff"}
    assert kept[bad][0] == b"US-FBI"
    assert kept[b"\xff"][0] == b"hsi"
    headers = kept[bad][1]
    assert {name: headers[name] for name in ("reason", "field", "origin", "row")} == {
        "reason": b"missing_field",
        "field": said["rows"][1]["field"].encode(),
        "origin": b"http:hsi",
        "row": b"2",
    }
    assert headers["received_at"].endswith(b"Z")


async def test_an_array_keeps_its_elements_as_they_came(
    client: httpx.AsyncClient, quarantine: Witness
) -> None:
    broken = b'{"event_id" : nonsense}'
    answer = await client.post(
        "/v1/events", content=b"[" + row() + b" , " + broken + b"]", headers=JSON
    )
    assert answer.status_code == 202
    assert [each.value for each in quarantine.records()] == [broken]


@pytest.mark.parametrize("body", [b"not json", b'[{"a": 1}', b'{"a": NaN}'])
async def test_nothing_accepted(
    client: httpx.AsyncClient, quarantine: Witness, body: bytes
) -> None:
    answer = await client.post("/v1/events", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["rows"][0]["reason"] == "not_json"
    assert [each.value for each in quarantine.records()] == [body]


async def test_gzip(client: httpx.AsyncClient, events: Witness) -> None:
    body = gzip.compress(row(event_id="a") + b"\n") + gzip.compress(row(event_id="b"))
    answer = await client.post(
        "/v1/events", content=body, headers=NDJSON | {"content-encoding": "gzip"}
    )
    assert answer.json()["accepted"] == 2
    assert len(events.records()) == 2


async def test_a_large_batch_keeps_the_order_of_each_subject(
    client: httpx.AsyncClient, events: Witness
) -> None:
    rows = [row(event_id=str(n), subject_id=f"S{n % 7}") for n in range(1000)]
    answer = await client.post("/v1/events", content=b"\n".join(rows), headers=NDJSON)
    assert answer.json()["accepted"] == 1000
    told: dict[str, list[int]] = {}
    for record in events.records():
        value = json.loads(record.value)
        told.setdefault(value["subject_id"], []).append(int(value["event_id"]))
    assert sum(map(len, told.values())) == 1000
    assert all(ids == sorted(ids) for ids in told.values())


async def test_dry_run_keeps_nothing(
    client: httpx.AsyncClient, events: Witness, quarantine: Witness
) -> None:
    body = row() + b"\nnonsense"
    answer = await client.post("/v1/events?dry_run=1", content=body, headers=NDJSON)
    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["refused"]) == (1, 1)
    nothing = await client.post("/v1/events?dry_run=1", content=b"nonsense", headers=NDJSON)
    assert nothing.status_code == 422
    assert events.records() == quarantine.records() == []


async def test_a_source_ahead_of_us_reads_our_time(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/events", json=saying(recorded_at="2099-01-01T00:00:00Z"))
    refusal = answer.json()["rows"][0]
    assert (answer.status_code, refusal["reason"], refusal["field"]) == (
        422,
        "future_recorded",
        "recorded_at",
    )
    assert refusal["server_time"].startswith("20")


async def test_a_new_source_needs_no_restart(client: httpx.AsyncClient, sources_file: Path) -> None:
    narrow = add_source(sources_file, "fbi", ("US-FBI",))
    answer = await client.post(
        "/v1/events", json=saying(), headers={"authorization": f"Bearer {narrow}"}
    )
    assert answer.status_code == 422
    assert answer.json()["rows"][0]["reason"] == "not_allowed"
    good = sources_file.read_text()  # noqa: ASYNC240
    sources_file.write_text("[[source")  # noqa: ASYNC240
    again = await client.post("/v1/events", json=saying())
    assert again.status_code == 202
    sources_file.write_text(good.replace('"hsi"', '"gone"'))  # noqa: ASYNC240
    assert (await client.post("/v1/events", json=saying())).status_code == 401


async def test_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/openapi.json")).json()["openapi"] == "3.1.0"
