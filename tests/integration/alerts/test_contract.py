"""One contract for all sinks, over real sockets: a sink is a row of `ROWS`, or this fails."""

import inspect
import logging
import time
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from services.alerts.sinks import EDGE_SINKS, LEVEL_SINKS, SINKS, outbound
from services.alerts.sinks.sink import Answer
from services.runtime.clock import NONE, WallClock
from tests.integration.alerts.contract import OVER_HTTP, ROWS, Telling
from tests.integration.alerts.receiver import DRIP, ECHO, HANG, HUGE, RESET, Receiver


async def told(name, settings, clock) -> Answer:
    async with Telling(name, settings, clock) as telling:
        return await telling.tell()


def test_every_sink_has_its_row():
    assert ROWS.keys() == SINKS.keys()


@pytest.mark.parametrize("name", SINKS)
def test_every_sink_keeps_its_protocol(name, settings, clock):
    sink = SINKS[name](settings, clock)
    assert inspect.iscoroutinefunction(sink.take if name in EDGE_SINKS else sink.show)
    assert inspect.iscoroutinefunction(sink.close)
    assert (name in EDGE_SINKS) != (name in LEVEL_SINKS)


@pytest.mark.parametrize("name", SINKS)
async def test_a_sink_that_takes_it_answers_ok(name, settings, clock):
    assert (await told(name, settings, clock)).outcome == "ok"


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (202, ("ok", 202)),
        (500, ("retry", 500)),
        (503, ("retry", 503)),
        (429, ("retry", 429)),
        (408, ("retry", 408)),
        (400, ("refused", 400)),
        (401, ("refused", 401)),
        (404, ("refused", 404)),
        (302, ("refused", 302)),
        (RESET, ("retry", None)),
        (HUGE, ("retry", 500)),
    ],
)
async def test_every_answer_has_its_outcome(
    name, behaviour, expected, settings, receiver: Receiver, clock
):
    receiver.behaviours = [behaviour]
    receiver.answer_headers = {"location": f"{receiver.url}/elsewhere"} if behaviour == 302 else {}
    answer = await told(name, settings, clock)
    assert (answer.outcome, answer.status) == expected
    assert len(receiver.requests) == 1  # no redirect is followed, nothing is tried twice
    assert len(answer.detail or "") <= 200


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize("behaviour", [HANG, DRIP])
async def test_a_sink_that_does_not_come_to_an_end_is_left(
    name, behaviour, settings, receiver, clock, monkeypatch
):
    assert timedelta(seconds=5) == outbound.LIMIT
    monkeypatch.setattr(outbound, "LIMIT", timedelta(seconds=0.7))
    receiver.behaviours = [behaviour]
    begun = time.monotonic()
    answer = await told(name, settings, clock)
    assert (answer.outcome, answer.status) == ("retry", None)
    assert 0.6 < time.monotonic() - begun < 5


@pytest.mark.parametrize("name", OVER_HTTP)
async def test_a_sink_that_is_not_there_is_tried_again(name, settings, clock):
    gone = settings.model_copy(update=OVER_HTTP[name].elsewhere)
    assert (await told(name, gone, clock)).outcome == "retry"


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_becomes_a_moment(name, form, settings, receiver, clock):
    at = clock.wall() + timedelta(seconds=90)
    receiver.behaviours = [429]
    receiver.answer_headers = {
        "retry-after": "90" if form == "seconds" else format_datetime(at, usegmt=True)
    }
    answer = await told(name, settings, clock)
    assert answer.retry_at is not None
    assert abs(answer.retry_at - at) < timedelta(seconds=10)


@pytest.mark.parametrize("name", OVER_HTTP)
async def test_no_sink_asks_for_more_than_a_day(name, settings, receiver, clock):
    receiver.behaviours = [429]
    receiver.answer_headers = {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}
    asked_at = (await told(name, settings, clock)).retry_at
    assert asked_at is not None
    assert asked_at <= clock.wall() + timedelta(days=1)


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize(
    "header",
    ["soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"],
)
async def test_a_senseless_retry_after_is_ignored(name, header, settings, receiver, clock):
    receiver.behaviours = [429]
    receiver.answer_headers = {"retry-after": header}
    async with Telling(name, settings, clock) as telling:
        assert (await telling.tell()).retry_at is None
        assert (await telling.tell()).outcome == "ok"


class Later(WallClock):
    """A clock that is put forward."""

    by = NONE

    def wall(self) -> datetime:
        return super().wall() + self.by


@pytest.mark.parametrize("name", OVER_HTTP)
@pytest.mark.parametrize("status", [429, 503])
async def test_nothing_is_asked_of_a_sink_before_it_said(name, status, settings, receiver):
    clock = Later()
    receiver.behaviours = [status]
    receiver.answer_headers = {"retry-after": "600"}
    async with Telling(name, settings, clock) as telling:
        first = await telling.tell(1)
        clock.by = timedelta(seconds=500)
        second = await telling.tell(2)
        assert len(receiver.requests) == 1
        assert (second.outcome, second.retry_at) == ("retry", first.retry_at)
        clock.by = timedelta(seconds=601)
        assert (await telling.tell(2)).outcome == "ok"
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("name", OVER_HTTP)
async def test_no_sink_is_silent_for_longer_than_an_hour_at_a_word(name, settings, receiver):
    clock = Later()
    receiver.behaviours = [429]
    receiver.answer_headers = {"retry-after": "86400"}
    async with Telling(name, settings, clock) as telling:
        await telling.tell()
        clock.by = timedelta(hours=1, seconds=1)
        assert (await telling.tell()).outcome == "ok"


@pytest.mark.parametrize("name", OVER_HTTP)
async def test_who_is_told_again_knows_it_again(name, settings, receiver, clock):
    receiver.behaviours = [500]
    async with Telling(name, settings, clock) as telling:
        outcomes = [(await telling.tell(number)).outcome for number in (1, 1, 2)]
    assert outcomes == ["retry", "ok", "ok"]
    first, again, other = map(OVER_HTTP[name].identity, receiver.requests)
    assert first == again != other


@pytest.mark.parametrize("name", [name for name, row in OVER_HTTP.items() if row.secret])
async def test_a_secret_is_seen_nowhere(name, settings, receiver, clock, caplog, capsys):
    secret = OVER_HTTP[name].secret
    caplog.set_level(logging.DEBUG)
    receiver.behaviours = [200, 500, RESET, ECHO]
    async with Telling(name, settings, clock) as telling:
        answers = [await telling.tell() for _ in receiver.behaviours[:]]
    assert [each.status for each in answers] == [200, 500, None, 400]
    assert secret not in f"{answers} {caplog.text} {capsys.readouterr()}"
    assert all(secret not in request.path for request in receiver.requests)
    assert secret not in repr(settings)
