"""Field systems that report over HTTP as fast as they are answered: bodies, and who sends them."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from tests.support.telling import Json

_BEGIN = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=-5)))
_PLACE = {"country": "EC", "unlocode": "ECGYE", "name": "Guayaquil"}
_PARTIES = {"owner": "US-DHS-HSI", "custodian": "EC-TRANSANDES"}
_REFS = {"commitment": "US-EC-2026-014", "container": "CSQU3054383"}
_PROMISED = {"line": 1, "item": "ambulance", "quantity": 20, "unit": "H87", "serials": []}
_COUNTED = {"line": 1, "accepted": 18, "damaged": 1, "missing": 1, "surplus": 0}


def events(count: int) -> list[bytes]:
    """So many events in the shape of the contract's example, eight of each shipment."""
    lives = (event for number in range(-(-count // 8)) for event in _life(number))
    return [_json(event) for event, _ in zip(lives, range(count), strict=False)]


def _life(number: int) -> Iterator[Json]:
    told: tuple[tuple[str, int, Json], ...] = (
        ("registered", 0, {"lines": [_PROMISED], "legs": 2, "priority": "routine", "refs": _REFS}),
        ("handed_over", 20, {"classifier": "planned"}),
        ("departed", 1, {"leg": 1, "mode": "road", "refs": _REFS}),
        ("arrived", 3, {"leg": 1, "mode": "road", "refs": _REFS}),
        ("departed", 4, {"leg": 2, "mode": "road", "refs": _REFS}),
        ("arrived", 9, {"leg": 2, "mode": "road", "refs": _REFS}),
        ("seen", 10, {"location": {**_PLACE, "lat": -2.19, "lon": -79.88}}),
        ("handed_over", 12, {"lines": [_COUNTED], "closed": True, "refs": _REFS}),
    )
    for place, (type, day, more) in enumerate(told, 1):
        at = _BEGIN + timedelta(days=day, seconds=37 * number % 86_400)
        yield {
            "schema_version": 1,
            "event_id": f"hsi-{number:06d}-{place}",
            "publisher": "US-DHS-HSI",
            "kind": "shipment",
            "subject_id": f"EC-AMB-{number:06d}",
            "type": type,
            "classifier": "actual",
            "occurred_at": at.isoformat(),
            "recorded_at": (at + timedelta(minutes=11)).isoformat(),
            "location": _PLACE,
            "parties": _PARTIES,
            **more,
        }


def _json(event: Json) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def requests(bodies: Sequence[bytes], content_type: str, key: str) -> list[bytes]:
    """The bytes of a POST of each body, made before the clock runs."""
    return [
        b"POST /v1/events HTTP/1.1\r\nhost: edge\r\nauthorization: Bearer %b\r\n"
        b"content-type: %b\r\ncontent-length: %d\r\n\r\n%b"
        % (key.encode(), content_type.encode(), len(body), body)
        for body in bodies
    ]


@dataclass
class Heard:
    """What was answered: how often each status, after how many seconds, with how much CPU here."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    told_to_wait: int = 0
    took: float = 0
    cpu: float = 0

    @property
    def accepted(self) -> int:
        return self.statuses.get(202, 0)


class _Connection(asyncio.Protocol):
    """Sends one request after the other's answer, for as long as the load lasts."""

    def __init__(self, requests: Iterator[bytes], heard: Heard, until: float) -> None:
        self._requests = requests
        self._heard = heard
        self._until = until
        self._sent_at = 0.0
        self._answer = b""
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._answered(head)
            self._answer = b""
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at < self._until:
            self._transport.write(next(self._requests))
        else:
            self._transport.close()

    def _answered(self, head: bytes) -> None:
        status = int(head[9:12])
        self._heard.statuses[status] = self._heard.statuses.get(status, 0) + 1
        self._heard.seconds.append(time.perf_counter() - self._sent_at)
        self._heard.told_to_wait += b"\r\nretry-after:" in head


def _length(head: bytes) -> int:
    _, _, rest = head.partition(b"content-length: ")
    return int(rest.partition(b"\r\n")[0])


async def report(port: int, sent: Sequence[bytes], connections: int, seconds: float) -> Heard:
    """Send the requests round and round over so many connections for so long."""
    heard, bodies = Heard(), _round_and_round(sent)
    began, cpu = time.perf_counter(), time.process_time()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(
            lambda: _Connection(bodies, heard, began + seconds), "127.0.0.1", port
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.ended for _, connection in made))
    heard.took, heard.cpu = time.perf_counter() - began, time.process_time() - cpu
    return heard


def _round_and_round(sent: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from sent
