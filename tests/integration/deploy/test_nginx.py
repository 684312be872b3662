"""The shipped nginx in front of a real edge: what passes, what is refused, who is cut off."""

import gzip
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from schemas.topics import TOPICS
from services.cli.broker import EmbeddedBroker, free_port
from services.ingest.settings import HttpSettings
from services.runtime.keys.file import add_source
from services.runtime.topics import TopicSpec, create_topics
from tests.integration.alerts.receiver import Receiver
from tests.integration.deploy.proxy import Proxy
from tests.integration.ingest.running import Running, running

EXAMPLE = Path("schemas/examples/departed/by_road.json")
JSON, NDJSON = ({"content-type": f"application/{name}"} for name in ("json", "x-ndjson"))
PROBLEM = "application/problem+json"
EDGE, TRACKER, ALERTS = "ingest-http:8080", "tracker:8081", "alerts:8082"


def example() -> dict[str, object]:
    found: dict[str, object] = json.loads(EXAMPLE.read_text())
    return found


def client(proxy: Proxy, **more: object) -> httpx.Client:
    trust = ssl.create_default_context(cafile=str(proxy.authority))
    return httpx.Client(base_url=proxy.url, verify=trust, timeout=60, **more)  # type: ignore[arg-type]


def problem(answer: httpx.Response, status: int, code: str) -> bool:
    """Whether it is that problem, as RFC 9457 has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    return (body["status"], body["code"]) == (status, code)


def nobody() -> dict[str, int]:
    return {EDGE: free_port(), TRACKER: free_port(), ALERTS: free_port()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edge")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    return add_source(folder / "sources.toml", "field", ("*",))


@pytest.fixture(scope="module")
def edge(folder: Path, key: str) -> Iterator[Running]:
    with EmbeddedBroker(folder / "broker") as broker:
        create_topics(broker.bootstrap, [TopicSpec.of(topic, 1) for topic in TOPICS])
        with running("http", broker.bootstrap, folder / "sources.toml") as edge:
            edge.answers("/readyz")
            yield edge


@pytest.fixture(scope="module")
def desk() -> Iterator[Receiver]:
    """What answers in place of alerts."""
    with Receiver().listening() as listening:
        yield listening


@pytest.fixture(scope="module")
def proxy(folder: Path, edge: Running, desk: Receiver) -> Iterator[Proxy]:
    alerts = int(desk.url.rpartition(":")[2])
    proxy = Proxy(folder, {EDGE: edge.port, TRACKER: free_port(), ALERTS: alerts})
    with proxy.running():
        yield proxy


@pytest.fixture(scope="module")
def field(proxy: Proxy, key: str) -> Iterator[httpx.Client]:
    """A field system that speaks to the edge through it."""
    with client(proxy, headers={"authorization": f"Bearer {key}"}) as field:
        yield field


@pytest.mark.parametrize("mtls", [False, True])
def test_the_configuration_is_one(tmp_path: Path, *, mtls: bool) -> None:
    said = Proxy(tmp_path, nobody(), mtls=mtls).check()
    assert "test is successful" in said
    assert "[warn]" not in said


def test_events_pass_and_are_acknowledged(field: httpx.Client) -> None:
    answer = field.post("/v1/events", json=example())
    assert answer.status_code == 202, answer.text
    packed = gzip.compress(json.dumps([example()]).encode())
    answer = field.post("/v1/events", content=packed, headers=JSON | {"content-encoding": "gzip"})
    assert answer.status_code == 202, answer.text
    assert field.get("/openapi.json").status_code == 200


def test_what_the_edge_refuses_comes_back_as_it_said_it(proxy: Proxy, field: httpx.Client) -> None:
    with client(proxy) as stranger:
        answer = stranger.post("/v1/events", json=example())
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["www-authenticate"]
    answer = field.post("/v1/events", json={"kind": "shipment"})
    assert answer.status_code == 422


def test_its_limit_of_a_body_is_the_edges(proxy: Proxy, edge: Running, field: httpx.Client) -> None:
    largest = HttpSettings.model_fields["batch_bytes"].default
    lines = b'{"kind": "x"}\n' * 100
    just = lines + b" " * (largest - len(lines))
    assert field.post("/v1/events", content=just, headers=NDJSON).status_code == 422
    before = edge.counted("chasqui_ingest_events_total")
    assert problem(
        field.post("/v1/events", content=just + b" ", headers=NDJSON), 413, "body_too_large"
    )
    chunks = (b" " * 65_536 for _ in range(64))
    assert problem(field.post("/v1/events", content=chunks, headers=NDJSON), 413, "body_too_large")
    assert edge.counted("chasqui_ingest_events_total") == before


def test_metrics_and_what_nobody_named_are_not_there(field: httpx.Client) -> None:
    for path in ("/metrics", "/", "/v1/eventsx", "/v1/nothing"):
        assert problem(field.get(path), 404, "not_found")


def test_who_looks_things_up_needs_a_name_and_a_password(proxy: Proxy) -> None:
    with client(proxy) as anyone:
        for path in ("/v1/movements/shipment/S-1", "/v1/commitments/C-1", "/v1/rules"):
            assert anyone.get(path).status_code == 401
            answer = anyone.get(path, auth=proxy.reader)  # there is no tracker here
            assert problem(answer, 503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0


def test_alerts_is_told_who_asks_and_its_retry_after_passes(proxy: Proxy, desk: Receiver) -> None:
    desk.behaviours, desk.answer_headers = [429], {"retry-after": "7"}
    headers = {"authorization": "Bearer k.s", "x-forwarded-for": "1.2.3.4"}
    with client(proxy, headers=headers | {"x-chasqui-forwarded": "1"}) as operator:
        answer = operator.post("/v1/alerts/a-1/acknowledge", json={"by": "me"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.text == "said"
    heard = desk.requests[-1]
    assert heard.path == "/v1/alerts/a-1/acknowledge"
    assert heard.headers["authorization"] == "Bearer k.s"
    assert heard.headers["x-forwarded-for"] == "127.0.0.1"
    assert "x-chasqui-forwarded" not in heard.headers


def spoken(proxy: Proxy, words: bytes) -> bytes:
    """All that is answered to words that end too early, until the connection is closed."""
    trust = ssl.create_default_context(cafile=str(proxy.authority))
    raw = socket.create_connection(("127.0.0.1", proxy.port), timeout=90)
    answer = b""
    with trust.wrap_socket(raw, server_hostname="localhost") as line:
        line.sendall(words)
        with suppress(ConnectionResetError, ssl.SSLEOFError):
            while more := line.recv(65_536):
                answer += more
    return answer


def test_half_sent_headers_and_bodies_are_cut_off(proxy: Proxy, edge: Running, key: str) -> None:
    headers = f"POST /v1/events HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\n"
    before = edge.counted("chasqui_ingest_request_seconds_count")
    for words in (headers, headers + "Content-Length: 1000\r\n\r\n{"):
        answer = spoken(proxy, words.encode())
        assert not answer or b" 408 " in answer.splitlines()[0]
    assert edge.counted("chasqui_ingest_request_seconds_count") == before


def test_its_log_names_no_key(proxy: Proxy, field: httpx.Client, key: str) -> None:
    field.post("/v1/events?dry_run=1", json=example())
    text = proxy.log()
    assert '"path":"/v1/events"' in text
    assert key not in text
    assert key.partition(".")[2] not in text


def test_a_flood_from_one_address_is_told_when_to_come_again(tmp_path: Path) -> None:
    proxy = Proxy(tmp_path, nobody())
    proxy.change("nginx.conf", {"rate=200r/s": "rate=1r/m", "burst=400": "burst=2"})
    with proxy.running(), client(proxy) as flood:
        answers = [flood.get("/v1/rules") for _ in range(4)]
    assert problem(answers[-1], 429, "too_many_requests")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_with_mtls_a_certificate_is_needed_beside_the_key(tmp_path: Path) -> None:
    proxy = Proxy(tmp_path, nobody(), mtls=True)
    with proxy.running():
        with client(proxy) as stranger:
            assert problem(stranger.post("/v1/events"), 403, "certificate_needed")
        trust = ssl.create_default_context(cafile=str(proxy.authority))
        trust.load_cert_chain(*proxy.certificate)
        with httpx.Client(base_url=proxy.url, verify=trust) as known:
            assert problem(known.post("/v1/events"), 503, "unavailable")
