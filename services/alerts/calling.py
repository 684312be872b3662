"""Makes the calls that the processors ask for, and writes down what was answered."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
from faust import Service
from msgspec import Struct

from schemas.times import parse, wire
from schemas.topics import RECEIPTS
from services.alerts.core.outbox import Receipt
from services.alerts.metrics import AT_ONCE, AlertsMetrics
from services.alerts.sinks.sink import Answer, EdgeSink
from services.runtime.clock import Clock
from services.runtime.failpoints import Passing, Point, go_on
from services.runtime.logs import logger
from services.runtime.processor import Call, Record
from services.runtime.writer import Unavailable, Writer

_CALLS_AT_ONCE = 64
_PAUSE = timedelta(seconds=1)
_NO_SUCH_SINK = Answer("refused", detail="no such sink is configured any more")


class Opened(Struct, frozen=True):
    """The part of a message that tells how long it took."""

    class Data(Struct, frozen=True):
        """Of the alert."""

        raised_at: str | None = None
        opened_at: str | None = None

    type: str
    timestamp: str
    data: Data


class Calling(Service):  # type: ignore[misc]
    """Tells edge sinks, each at its own pace, and puts their answers on the topic `receipts`."""

    def __init__(
        self,
        sinks: Mapping[str, EdgeSink],
        bootstrap: str,
        clock: Clock,
        metrics: AlertsMetrics,
        passing: Passing = go_on,
    ) -> None:
        """`bootstrap` names the Kafka that takes the receipts."""
        super().__init__()
        self._sinks = sinks
        self._clock = clock
        self._metrics = metrics
        self._passing = passing
        self._slots = {name: asyncio.Semaphore(_CALLS_AT_ONCE) for name in sinks}
        self._under_way: set[str] = set()
        self._receipts = Writer(bootstrap, None, quiet=True)  # the engine waits for Kafka too

    async def on_start(self) -> None:
        """Begin to connect."""
        await self._receipts.start()

    async def execute(self, call: Call) -> None:
        """Make the call, unless the same one is under way still; returns when the answer is safe.

        Without a receipt the state asks for the call again.
        """
        if call.call_id in self._under_way:
            return
        self._under_way.add(call.call_id)
        try:
            answer = await self._ask(call)
            self._passing(Point.CALL_MADE)
            await self._write_down(call, answer)
        finally:
            self._under_way.discard(call.call_id)

    async def on_stop(self) -> None:
        """Release the sinks and the Kafka connection."""
        for sink in self._sinks.values():
            await sink.close()
        await self._receipts.stop()

    async def _write_down(self, call: Call, answer: Answer) -> None:
        """Under the key of its subject; for as long as Kafka is away, the call is under way."""
        receipt = Receipt(
            call_id=call.call_id,
            sink=call.target,
            outcome=answer.outcome,
            at=wire(self._clock.wall()),
            status=answer.status,
            detail=answer.detail,
            retry_at=None if answer.retry_at is None else wire(answer.retry_at),
        )
        record = Record(RECEIPTS.full_name, call.key, msgspec.json.encode(receipt))
        while True:
            with suppress(Unavailable):
                return await self._receipts.write([record])
            await asyncio.sleep(_PAUSE.total_seconds())

    async def _ask(self, call: Call) -> Answer:
        sink = self._sinks.get(call.target)
        if sink is None:
            return _NO_SUCH_SINK
        async with self._slots[call.target]:
            try:
                answer = await sink.take(call)
            except Exception:  # noqa: BLE001 - a fault in one sink must not stop the others
                logger(__name__).exception("sink failed", sink=call.target, call_id=call.call_id)
                answer = Answer("retry", detail="broken")
        self._count(call, answer)
        return answer

    def _count(self, call: Call, answer: Answer) -> None:
        self._metrics.sent[call.target, answer.outcome].inc()
        if answer.outcome == "ok":
            raised_at = _raised_at(call.body)
            if raised_at is not None:
                self._metrics.time(call.target, raised_at, self._clock)


def _raised_at(body: bytes) -> datetime | None:
    """When the delay was raised that this told for the first time; None of all else."""
    try:
        message = msgspec.json.decode(body, type=Opened)
        opened_at, raised_at = message.data.opened_at, message.data.raised_at
        if message.type != "alert.opened" or opened_at is None or raised_at is None:
            return None
        told_at_once = parse(message.timestamp) - parse(opened_at) < AT_ONCE
        return parse(raised_at) if told_at_once else None
    except ValueError:
        return None  # a sink took it, and that is to be written down whatever it was
