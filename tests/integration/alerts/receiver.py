"""An HTTP server that writes down what it is sent and answers as it is told."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG, RESET, HUGE, DRIP, ECHO = "hang", "reset", "huge", "drip", "echo"
Behaviour = int | str
"""A status, or: say nothing; reset the connection; 500 and a gigabyte; 200 and a byte now and
then; 400 and all that it was sent."""
_DRIP_SECONDS = 0.1
_PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """One POST as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


def well(request: Request) -> Behaviour:
    """What a server does that nobody told otherwise."""
    del request
    return 200


@dataclass
class Receiver:
    """The server's ear and tongue: `behaviours` are used up in order, then `usually` says."""

    behaviours: list[Behaviour] = field(default_factory=list)
    usually: Callable[[Request], Behaviour] = well
    requests: list[Request] = field(default_factory=list)
    taken: list[Request] = field(default_factory=list)
    """Those that were answered with success."""
    refused: list[tuple[Request, Behaviour]] = field(default_factory=list)
    """The others, and how."""
    answer_headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def listening(self) -> Iterator["Receiver"]:
        server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            server.shutdown()
            server.server_close()

    def behaviour(self, request: Request) -> Behaviour:
        """How this one is answered; it is written down."""
        with self._lock:
            found = self.behaviours.pop(0) if self.behaviours else self.usually(request)
            self.requests.append(request)
            if isinstance(found, int) and 200 <= found < 300:
                self.taken.append(request)
            else:
                self.refused.append((request, found))
            return found


class _Server(ThreadingHTTPServer):
    """Takes as many connections at once as a sink is called with."""

    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    """Writes down and behaves."""

    def __init__(self, receiver: Receiver, *args: Any) -> None:
        self._receiver = receiver
        super().__init__(*args)

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # who was saying it was killed
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers, body)
        with suppress(ConnectionError):  # who asked need not wait for the answer
            self._behave(request, self._receiver.behaviour(request))

    def _behave(self, request: Request, behaviour: Behaviour) -> None:
        match behaviour:
            case "hang":
                self._receiver.released.wait(_PATIENCE_SECONDS)
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
            case "huge":
                self._on_and_on(500, b"x" * 65_536, 20_000)
            case "drip":
                self._on_and_on(200, b"x", 10 * _PATIENCE_SECONDS, _DRIP_SECONDS)
            case "echo":
                path = request.path.encode()
                self._answer(400, b"%b %b %a" % (path, request.body, request.headers))
            case _:
                self._answer(int(behaviour), b"said")

    def _answer(self, status: int, text: bytes) -> None:
        self.send_response(status)
        for name, value in self._receiver.answer_headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _on_and_on(self, status: int, text: bytes, times: int, pause: float = 0) -> None:
        self.send_response(status)
        self.end_headers()
        for _ in range(times):
            self.wfile.write(text)
            if pause and self._receiver.released.wait(pause):
                return

    def log_message(self, format: str, *args: object) -> None:
        """Tests say what matters."""
