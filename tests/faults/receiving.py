"""The other side of the alerts' webhook: writes down what it is told."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import orjson

SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}\n"


class Message(NamedTuple):
    """One call as it came."""

    call_id: str
    body: bytes

    @property
    def alert_id(self) -> str:
        return str(orjson.loads(self.body)["data"].get("alert_id"))

    @property
    def news(self) -> str:
        """`opened`, `changed` or `resolved`."""
        return str(orjson.loads(self.body)["type"]).rpartition(".")[2]


class Hook:
    """Answers 200 to every call and keeps it."""

    def __init__(self) -> None:
        self.url = ""
        self._messages: list[Message] = []
        self._lock = threading.Lock()

    def take(self, message: Message) -> None:
        with self._lock:
            self._messages.append(message)

    def messages(self) -> list[Message]:
        """All that came, in order."""
        with self._lock:
            return list(self._messages)

    @contextmanager
    def listening(self) -> Iterator["Hook"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Hands each POST to the hook."""

    def __init__(self, hook: Hook, *args: Any) -> None:
        self._hook = hook
        super().__init__(*args)

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # who was saying it was killed
        self._hook.take(Message(self.headers["webhook-id"], body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """The calls are kept, not printed."""
