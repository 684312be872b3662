"""`chasqui health`: its exit code is what containers are judged by."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner

from services.cli.broker import free_port
from services.cli.main import main


class _Service(BaseHTTPRequestHandler):
    """Ready, but for one path."""

    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/recovering" else 200)
        self.end_headers()
        self.wfile.write(b'{"ready": false}')

    def log_message(self, format: str, *args: object) -> None:
        """Tests say what matters."""


@pytest.fixture
def service() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_who_is_ready_is_healthy(service: str) -> None:
    answer = CliRunner().invoke(main, ["health", f"{service}/readyz"])
    assert (answer.exit_code, answer.output) == (0, f"{service}/readyz is ready.\n")


def test_who_recovers_is_not(service: str) -> None:
    answer = CliRunner().invoke(
        main, ["health"], env={"CHASQUI_HEALTH_URL": f"{service}/recovering"}
    )
    assert answer.exit_code == 1
    assert answer.output.endswith('/recovering answers 503: {"ready": false}\n')


def test_who_is_away_is_not() -> None:
    answer = CliRunner().invoke(main, ["health", f"http://127.0.0.1:{free_port()}/readyz"])
    assert answer.exit_code == 1
    assert "does not answer: ConnectError." in answer.output
