"""What the log, the webhook and the Alertmanager each do besides the contract of all sinks."""

import base64
import hashlib
import hmac
import io
import time
from datetime import datetime, timedelta

import msgspec

from services.alerts.sinks import SINKS
from services.alerts.sinks.alertmanager import AlertmanagerSink
from services.alerts.sinks.log import LogSink
from services.alerts.sinks.webhook import WebhookSink
from tests.integration.alerts.conftest import SECRET
from tests.integration.alerts.contract import SINCE, Telling, call, standing
from tests.integration.alerts.receiver import ECHO, Receiver


async def test_the_webhook_is_signed_after_the_standard(settings, receiver, clock):
    sink = SINKS["webhook"](settings, clock)
    assert isinstance(sink, WebhookSink)
    told = call()
    await sink.take(told)
    await sink.take(told)
    await sink.close()
    first, again = receiver.requests
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == told.call_id
    assert abs(int(first.headers["webhook-timestamp"]) - time.time()) < 5
    assert first.headers["content-type"] == "application/json"
    for request in (first, again):
        stamp = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
        mac = hmac.new(SECRET, stamp.encode() + request.body, hashlib.sha256)
        expected = "v1," + base64.b64encode(mac.digest()).decode()
        assert request.headers["webhook-signature"] == expected
    message = msgspec.json.decode(first.body)
    assert message["type"] == "alert.opened"
    assert message["audience"] == "on_call"
    assert message["data"]["sentence"] == "delivery_overdue of EC-AMB-0017."
    assert message["data"]["evidence"]["rule"] == "delivery_overdue"


async def test_a_new_secret_signs_beside_the_old(settings, secret_file, receiver, clock):
    with secret_file.open("a") as file:
        file.write(f"whsec_{base64.b64encode(b'n' * 32).decode()}\n")
    async with Telling("webhook", settings, clock) as telling:
        await telling.tell()
    signatures = receiver.requests[0].headers["webhook-signature"].split()
    assert len(set(signatures)) == 2


async def test_an_answer_that_repeats_the_address_is_not_quoted(settings, receiver, clock):
    url = f"{receiver.url}/services/s3cret?token=t0ken"
    secret = settings.model_copy(update={"alerts_webhook_url": url})
    receiver.behaviours = [ECHO]
    async with Telling("webhook", secret, clock) as telling:
        detail = (await telling.tell()).detail or ""
    assert receiver.requests[0].path == "/services/s3cret?token=t0ken"
    assert detail.startswith("[secret]?[secret] {")


async def test_the_webhook_has_an_address_for_each_audience(settings, receiver, clock):
    sink = SINKS["webhook"](settings, clock)
    await sink.take(call())
    await sink.take(call(name="conflict", milestone=None))
    await sink.close()
    assert [request.path for request in receiver.requests] == ["/hook", "/stewards"]


async def test_the_alertmanager_gets_batches_at_every_peer(settings, receiver, clock):
    with Receiver().listening() as other:
        both = settings.model_copy(update={"alerts_alertmanager_urls": (receiver.url, other.url)})
        sink = SINKS["alertmanager"](both, clock)
        answers = await sink.show([standing(n) for n in range(1201)])
        await sink.close()
        assert [answer.outcome for answer in answers] == ["ok"] * 6
        for peer in (receiver, other):
            assert [r.path for r in peer.requests] == ["/api/v2/alerts"] * 3
            sizes = [len(msgspec.json.decode(r.body)) for r in peer.requests]
            assert sizes == [500, 500, 201]


async def test_what_lasts_ends_in_two_minutes_and_what_ended_when_it_did(settings, receiver, clock):
    sink = SINKS["alertmanager"](settings, clock)
    ended = SINCE + timedelta(hours=1)
    await sink.show([standing(1), standing(2, ended)])
    await sink.close()
    lasts, over = msgspec.json.decode(receiver.requests[0].body)
    ends_at = datetime.fromisoformat(lasts["endsAt"])
    assert abs(ends_at - clock.wall() - timedelta(seconds=120)) < timedelta(seconds=5)
    assert (lasts["startsAt"], over["endsAt"]) == ("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z")
    assert lasts["generatorURL"] == "http://127.0.0.1:8081/v1/movements/shipment/1"


async def test_one_bad_alert_blocks_no_other(settings, receiver: Receiver, clock):
    sink = SINKS["alertmanager"](settings, clock)
    assert isinstance(sink, AlertmanagerSink)
    # 8 alerts, number 5 is bad: 0-7 bad, 0-3 good, 4-7 bad, 4-5 bad, 4 good, 5 bad, 6-7 good.
    receiver.behaviours = [400, 200, 400, 400, 200, 400, 200]
    answers = await sink.show([standing(n) for n in range(8)])
    await sink.close()
    taken = [a.outcome for a in answers]
    assert taken == ["ok", "ok", "refused", "ok"]
    assert [len(msgspec.json.decode(r.body)) for r in receiver.requests] == [8, 4, 4, 2, 1, 1, 2]


async def test_a_peer_that_is_down_does_not_hold_up_the_other(settings, receiver, clock):
    urls = ("http://127.0.0.1:9", receiver.url)
    both = settings.model_copy(update={"alerts_alertmanager_urls": urls})
    sink = SINKS["alertmanager"](both, clock)
    answers = await sink.show([standing()])
    await sink.close()
    assert [a.outcome for a in answers] == ["retry", "ok"]
    assert len(receiver.requests) == 1


async def test_the_log_line_begins_with_the_sentence():
    stream = io.StringIO()
    sink = LogSink(stream)
    await sink.take(call(sentence="20 ambulances for EC\x1b[2J\nare late."))
    assert stream.getvalue() == (
        "20 ambulances for EC [2J are late. "
        "[opened | warning | delivery_overdue | shipment/EC-AMB-0017 | on_call]\n"
    )


async def test_a_broken_log_is_tried_again():
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    assert (await LogSink(Full()).take(call())).outcome == "retry"
