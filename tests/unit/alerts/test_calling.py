"""What a sink took is written down as taken, whatever it was."""

import asyncio
import io

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from services.alerts.calling import Calling
from services.alerts.metrics import AlertsMetrics
from services.alerts.sinks.log import LogSink
from services.runtime.clock import parse_clock
from services.runtime.processor import Call

NOBODY = "127.0.0.1:9"


@pytest.mark.parametrize("times", [{}, {"opened_at": "then", "raised_at": "then"}])
async def test_a_message_without_sound_times_comes_as_far_as_its_receipt(times):
    data = {"sentence": "Late.", "severity": "info", "delay": "silent"} | times
    said = {"type": "alert.opened", "timestamp": "now", "audience": "on_call", "data": data}
    metrics, stream = AlertsMetrics(CollectorRegistry()), io.StringIO()
    calling = Calling({"log": LogSink(stream)}, NOBODY, parse_clock("wall"), metrics)
    call = Call("1", "log", msgspec.json.encode(said), b"shipment/EC-1")
    calls = asyncio.create_task(calling.execute(call))
    await asyncio.sleep(0.1)
    assert not calls.done()  # there is no Kafka for its receipt
    calls.cancel()
    await calling.on_stop()
    assert stream.getvalue().startswith("Late. [opened | info | silent |")
