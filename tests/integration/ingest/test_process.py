"""The edge as its own process, when its clients, its broker and its operator are not kind."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from schemas.topics import EVENTS
from services.cli.broker import EmbeddedBroker, free_port
from tests.integration.ingest.conftest import make_topics
from tests.integration.ingest.running import Running, running
from tests.integration.ingest.witness import witness
from tests.unit.ingest.saying import row

NDJSON = {"content-type": "application/x-ndjson"}
MIB = 1024 * 1024


@pytest.fixture
def edge(kafka: EmbeddedBroker, sources_file: Path, key: str) -> Iterator[Running]:
    with running("http", kafka.bootstrap, sources_file) as process:
        process.answers("/readyz")
        yield process


def post(
    edge: Running, key: str, content: bytes | Iterator[bytes], **headers: str
) -> httpx.Response:
    all_headers = NDJSON | {"authorization": f"Bearer {key}"} | headers
    return httpx.post(f"{edge.url}/v1/events", content=content, headers=all_headers, timeout=30)


def test_it_stops_cleanly_and_tells_no_secret(edge: Running, key: str) -> None:
    assert post(edge, key, row()).status_code == 202
    assert post(edge, key, b"nonsense").status_code == 422
    assert post(edge, "hsi.5ecre7", row()).status_code == 401
    assert edge.counted('chasqui_ingest_events_total{outcome="accepted",transport="http"}') == 1
    assert edge.terminate() == 0
    assert key.split(".")[1] not in edge.log()
    assert "5ecre7" not in edge.log()


def test_a_request_under_way_is_answered_before_the_end(edge: Running, key: str) -> None:
    async def run() -> httpx.Response:
        async def slowly() -> AsyncIterator[bytes]:
            yield row(event_id="slow")
            await asyncio.sleep(1)
            edge.process.terminate()
            await asyncio.sleep(1)
            yield b"\n"

        async with httpx.AsyncClient(timeout=30) as client:
            headers = NDJSON | {"authorization": f"Bearer {key}"}
            return await client.post(f"{edge.url}/v1/events", content=slowly(), headers=headers)

    assert asyncio.run(run()).status_code == 202
    assert edge.process.wait(20) == 0


def test_neither_endless_bodies_nor_bombs_cost_memory(edge: Running, key: str) -> None:
    assert post(edge, key, (b"x" * MIB for _ in range(300))).status_code == 413
    bomb = gzip.compress(b"0" * (300 * MIB), 9)
    assert post(edge, key, bomb, **{"content-encoding": "gzip"}).status_code == 413
    assert post(edge, key, row()).status_code == 202
    assert edge.memory() < 100 * MIB


def test_a_paused_broker_is_told_and_survived(
    edge: Running, kafka: EmbeddedBroker, key: str
) -> None:
    with witness(kafka.bootstrap, EVENTS.full_name) as events:
        kafka.pause()
        try:
            answer = post(edge, key, row(event_id="paused"))
            edge.answers("/readyz", 503)
        finally:
            kafka.resume()
        assert answer.status_code == 503
        assert answer.headers["retry-after"].isdigit()
        while (answer := post(edge, key, row(event_id="paused"))).status_code == 503:
            time.sleep(0.2)
        assert answer.status_code == 202
        assert {json.loads(each.value)["event_id"] for each in events.records()} == {"paused"}


def test_field_reports_do_not_wait_for_a_paused_broker_to_let_them_go(
    kafka: EmbeddedBroker, sources_file: Path
) -> None:
    with running("kafka", kafka.bootstrap, sources_file) as process:
        process.says("kafka_is_there")
        time.sleep(5)  # until it is a member of its group
        kafka.pause()
        try:
            process.process.terminate()
            assert process.process.wait(20) == 0
        finally:
            kafka.resume()


def test_a_broker_that_comes_later(tmp_path: Path, sources_file: Path, key: str) -> None:
    port = free_port()
    with running("http", f"127.0.0.1:{port}", sources_file) as edge:
        edge.answers("/healthz")
        edge.answers("/readyz", 503)
        assert post(edge, key, row()).status_code == 503
        with EmbeddedBroker(tmp_path / "late", port) as broker:
            edge.answers("/readyz", 503)
            make_topics(broker)
            edge.answers("/readyz")
            assert post(edge, key, row()).status_code == 202
            broker.kill()
            assert post(edge, key, row()).status_code == 503
            broker.start()
            while (answer := post(edge, key, row())).status_code == 503:
                time.sleep(0.2)
            assert answer.status_code == 202
        assert edge.log().count("waiting_for_kafka") == 1
        assert edge.terminate() == 0


def test_without_a_broker_it_stops_as_cleanly(sources_file: Path, key: str) -> None:
    bootstrap = f"127.0.0.1:{free_port()}"
    for way in ("http", "kafka"):
        with running(way, bootstrap, sources_file) as process:
            process.says("waiting_for_kafka")
            assert process.terminate() == 0
            assert process.log().count("waiting_for") == 1


@pytest.mark.parametrize(
    ("way", "changes", "sentence"),
    [
        ("http", {"http_port": "many"}, "CHASQUI_HTTP_PORT is wrong"),
        ("kafka", {"clock": "yesterday"}, "CHASQUI_CLOCK is wrong"),
        ("post", {}, "say which way in"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    sources_file: Path, way: str, changes: dict[str, str], sentence: str
) -> None:
    with running(way, "127.0.0.1:9", sources_file, **changes) as process:
        assert process.process.wait(20) == 2
        assert process.log().startswith(f"ingest: {sentence}")
        assert process.log().count("\n") == 1


def test_a_broken_sources_file_is_one_sentence(sources_file: Path) -> None:
    sources_file.write_text("[[source]]\n")
    for way in ("http", "kafka"):
        with running(way, "127.0.0.1:9", sources_file) as process:
            assert process.process.wait(20) == 2
            assert process.log().startswith("ingest: sources.toml: ")


@pytest.mark.parametrize("sent", [b"x: y\r\n", b"y"])
def test_headers_without_end_are_not_kept(edge: Running, sent: bytes) -> None:
    host, port = edge.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"POST /v1/events HTTP/1.1\r\nhost: edge\r\nx: ")
        with suppress(ConnectionError):
            for _ in range(64):
                connection.sendall(sent * (64 * 1024 // len(sent)))
        with suppress(ConnectionError):
            answer = connection.recv(1024)
            assert answer.startswith(b"HTTP/1.1 400"), answer
    assert edge.memory() < 100 * MIB
    assert httpx.get(f"{edge.url}/healthz", timeout=10).is_success
