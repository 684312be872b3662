"""What is wrong with a request as a whole is told as RFC 9457 says, before Kafka is asked."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.ingest.http import create_app
from services.ingest.settings import HttpSettings
from services.runtime.bodies import unpack_gzip
from services.runtime.keys.file import add_source
from services.runtime.problems import Problem
from tests.unit.ingest.saying import row

NDJSON = {"content-type": "application/x-ndjson"}
GZIP = NDJSON | {"content-encoding": "gzip"}


class FieldSystem:
    """A client of an edge that has no Kafka."""

    def __init__(self, tmp_path: Path, **changes: object) -> None:
        path = tmp_path / "sources.toml"
        self.key = add_source(path, "hsi", ("*",))
        self.registry = CollectorRegistry()
        words = {"kafka_bootstrap_servers": "127.0.0.1:9", "sources_file": path} | changes
        self._app = create_app(HttpSettings.model_validate(words), registry=self.registry)

    async def post(
        self,
        content: bytes | AsyncIterator[bytes],
        headers: dict[str, str] = NDJSON,
        path: str = "/v1/events",
    ) -> httpx.Response:
        return await self.ask(
            "POST", path, {"authorization": f"Bearer {self.key}"} | headers, content
        )

    async def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | AsyncIterator[bytes] = b"",
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            return await client.request(method, path, content=content, headers=headers)

    def counted(self, outcome: str) -> float | None:
        labels = {"transport": "http", "outcome": outcome}
        return self.registry.get_sample_value("chasqui_ingest_events_total", labels)


def demand_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert said["detail"]
    assert ("retry-after" in answer.headers) == (status in (429, 503))


async def chunks(count: int, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def stalled() -> AsyncIterator[bytes]:
    yield b"{"
    await asyncio.sleep(30)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer hsi.00"},
        {"authorization": "Bearer x"},
        {"authorization": "Basic aHNpOmhzaQ=="},
        {"authorization": "Bearer \u00e9.\u00e9"},
    ],
)
async def test_no_known_key(tmp_path: Path, headers: dict[str, str]) -> None:
    system = FieldSystem(tmp_path)
    encoded = {name: value.encode("latin-1") for name, value in (NDJSON | headers).items()}
    answer = await system.ask("POST", "/v1/events", encoded, row())  # type: ignore[arg-type]
    code = (
        "unknown_key"
        if " " in headers.get("authorization", "") and "Bearer" in headers["authorization"]
        else "no_key"
    )
    demand_problem(answer, 401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert system.counted("unauthorized") == 1


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", NDJSON, 400, "empty_body"),
        (b" \n \n", NDJSON, 400, "empty_body"),
        (b"[]", {"content-type": "application/json"}, 400, "empty_body"),
        (b"  ", {"content-type": "application/json; charset=utf-8"}, 400, "empty_body"),
        (b"not gzip", GZIP, 400, "broken_gzip"),
        (gzip.compress(row())[:-9], GZIP, 400, "broken_gzip"),
        (gzip.compress(b" " * (8 * 1024 * 1024 + 1)), GZIP, 413, "body_too_large"),
        (b"x" * (1024 * 1024 + 1), NDJSON, 413, "body_too_large"),
        (b"{}\n" * 1001, NDJSON, 413, "too_many_rows"),
        (b"[" + b"{}," * 1000 + b"{}]", {"content-type": "application/json"}, 413, "too_many_rows"),
        (row(), {"content-type": "text/csv"}, 415, "unknown_content_type"),
        (row(), {}, 415, "unknown_content_type"),
        (row(), NDJSON | {"content-encoding": "br"}, 415, "unknown_coding"),
    ],
)
async def test_a_body_that_is_no_batch(
    tmp_path: Path, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    demand_problem(await FieldSystem(tmp_path).post(content, headers), status, code)


async def test_a_parameter_that_is_not_understood(tmp_path: Path) -> None:
    demand_problem(
        await FieldSystem(tmp_path).post(row(), path="/v1/events?dry_run=yes"), 400, "bad_dry_run"
    )


async def test_a_chunked_body_is_counted_as_it_comes(tmp_path: Path) -> None:
    demand_problem(await FieldSystem(tmp_path).post(chunks(40)), 413, "body_too_large")


async def test_a_body_that_does_not_come(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path, body_within=timedelta(milliseconds=50))
    demand_problem(await system.post(stalled()), 400, "body_too_slow")


async def test_without_kafka_nothing_is_accepted_but_all_can_be_judged(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path)
    demand_problem(await system.post(row()), 503, "unavailable")
    demand_problem(await system.post(b"nonsense"), 503, "unavailable")
    demand_problem(await system.ask("GET", "/readyz", {}), 503, "kafka_unreachable")
    assert (await system.ask("GET", "/healthz", {})).status_code == 200
    assert (await system.post(row(), path="/v1/events?dry_run=1")).status_code == 200
    assert system.counted("unavailable") == 2


async def test_a_source_that_sends_too_much_waits(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path, rows_per_second=1, rows_at_once=2)
    batch = b"\n".join([row()] * 5)
    assert (await system.post(batch, path="/v1/events?dry_run=1")).status_code == 200
    answer = await system.post(batch)
    demand_problem(answer, 429, "rate_limited")
    assert int(answer.headers["retry-after"]) >= 4


async def test_more_requests_than_places_are_told_to_come_again(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path, requests_in_flight=1, body_within=timedelta(seconds=1))
    slow = asyncio.create_task(system.post(stalled()))
    await asyncio.sleep(0.1)
    demand_problem(await system.post(row()), 503, "busy")
    demand_problem(await slow, 400, "body_too_slow")
    demand_problem(await system.post(row()), 503, "unavailable")


async def test_other_places_and_methods(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path)
    demand_problem(await system.ask("GET", "/nowhere", {}), 404, "not_found")
    answer = await system.ask("GET", "/v1/events", {})
    demand_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_a_gzip_bomb_is_never_unpacked() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"0" * 1_000_000) for _ in range(1000)) + packer.flush()
    assert len(bomb) < 1024 * 1024
    with pytest.raises(Problem, match="unpacked"):
        unpack_gzip(bomb, 8 * 1024 * 1024)


def test_members_of_gzip_follow_each_other_up_to_the_limit() -> None:
    member = gzip.compress(b"x" * 100)
    assert unpack_gzip(member * 3, 300) == b"x" * 300
    with pytest.raises(Problem):
        unpack_gzip(member * 3, 299)


async def test_every_label_is_there_from_the_start(tmp_path: Path) -> None:
    system = FieldSystem(tmp_path)
    assert (
        json.dumps([system.counted(each) for each in ("accepted", "invalid", "rate_limited")])
        == "[0.0, 0.0, 0.0]"
    )
    buried = {"service": "ingest", "reason": "future_actual"}
    assert system.registry.get_sample_value("chasqui_events_buried_total", buried) == 0
