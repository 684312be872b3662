"""Kafka goes while all others run: in good order, at once, or it falls asleep."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.flowing import Flow
from tests.faults.member import PAUSE
from tests.faults.running import Row, Run, Size

_MOST_EXITS = 2
"""Of one member in one outage; more would be a crash loop."""
_REFUSED_WITHIN = 30.0
_ASLEEP = 2 / 3
"""Of a run, so that the load goes on around it."""


def stop_broker(run: Run) -> None:
    """SIGTERM: it says good-bye to its clients."""
    _again_and_again(run, run.world.broker.stop, run.world.broker.start)


def kill_broker(run: Run) -> None:
    """By kill -9: it has to check its logs when it comes back."""
    _again_and_again(run, run.world.broker.kill, run.world.broker.start)


def pause_broker(run: Run) -> None:
    """SIGSTOP: connections stay, nobody answers, and time-outs run."""
    with _followed(run) as flow:
        run.wait(1, run.size.seconds / 6)
        least = run.size.seconds * _ASLEEP
        _outage(run, flow, run.world.broker.pause, run.world.broker.resume, least)


def _again_and_again(run: Run, goes: Callable[[], object], comes: Callable[[], object]) -> None:
    with _followed(run) as flow:
        while run.loaded or not run.findings.recoveries:
            run.wait(0.5, 3)
            _outage(run, flow, goes, comes, run.chance.uniform(0, 6))


@contextmanager
def _followed(run: Run) -> Iterator[Flow]:
    """With the other way in beside the edge, and somebody who watches that events flow."""
    run.world.add_reports().start()
    flow = Flow(run.world)
    flow.seconds()
    try:
        yield flow
    finally:
        flow.close()
        code = run.world.remove(run.world.members["reports"])
        run.demand(code == 0, f"the second way in ended with {code}")


def _outage(
    run: Run, flow: Flow, goes: Callable[[], object], comes: Callable[[], object], least: float
) -> None:
    """Kafka is away for at least so many seconds, and until a sender was asked to come again."""
    before = {name: len(member.exits) for name, member in run.world.members.items()}
    began, refused = time.perf_counter(), run.sending.answers[503]
    goes()
    try:
        _demand_refusal(run, flow)
        while time.perf_counter() - began < least:
            run.world.tend()
            time.sleep(PAUSE)
    finally:
        comes()
    run.count("outages")
    run.count("answers 503", run.sending.answers[503] - refused)
    run.longest("outage", time.perf_counter() - began)
    run.findings.recoveries.append(flow.seconds())
    _count_exits(run, before)


def _demand_refusal(run: Run, flow: Flow) -> None:
    """The edge says when to come again; whatever it said instead would not be true."""
    answer, began = None, time.perf_counter()
    while answer is None and time.perf_counter() - began < _REFUSED_WITHIN:
        run.world.tend()
        answer = flow.answer()
    status = None if answer is None else answer.status_code
    run.demand(status == 503, f"the edge answers {status} without Kafka")
    run.demand(answer is None or "retry-after" in answer.headers, "503 without Retry-After")


def _count_exits(run: Run, before: dict[str, int]) -> None:
    for name, member in run.world.members.items():
        ended = [exit.code for exit in member.exits[before[name] :]]
        run.count("exits", len(ended))
        run.demand(len(ended) <= _MOST_EXITS, f"{name} ended {len(ended)} times with {ended}")


OUTAGES = (
    Row(
        "broker SIGTERM",
        "no service crashes in a loop; the edge asks its senders to come again, and then takes all",
        stop_broker,
        short=Size(10, 130),
    ),
    Row("broker kill -9", "the same", kill_broker, short=Size(10, 130)),
    Row("broker SIGSTOP", "the same", pause_broker, long=Size(45, 585), short=Size(12, 156)),
)
