"""An HTTP server that writes down what it is sent and answers as it is told."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG, RESET, HUGE = "hang", "reset", "huge"
Behaviour = int | str


@dataclass(frozen=True)
class Request:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """The server's ear and tongue: `behaviours` are used up in order, then it answers 200."""

    behaviours: list[Behaviour] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    answer_headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def listening(self) -> Iterator["Receiver"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Writes down and behaves."""

    def __init__(self, receiver: Receiver, *args: Any) -> None:
        self._receiver = receiver
        super().__init__(*args)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._receiver.requests.append(Request(self.path, headers, body))
        self._behave(self._receiver.behaviours.pop(0) if self._receiver.behaviours else 200)

    def _behave(self, behaviour: Behaviour) -> None:
        if behaviour == HANG:
            self._receiver.released.wait(30)
        elif behaviour == RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        elif behaviour == HUGE:
            self._huge()
        else:
            self._answer(int(behaviour))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        for name, value in self._receiver.answer_headers.items():
            self.send_header(name, value)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"said")

    def _huge(self) -> None:
        self.send_response(500)
        self.end_headers()
        try:
            for _ in range(20_000):
                self.wfile.write(b"x" * 65_536)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Tests say what matters."""
