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
        while run.loaded:
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
        run.demand(run.findings.figures["answers 503"] > 0, "no sender was asked to come again")
    finally:
        flow.close()
        run.world.remove(run.world.members["reports"])


def _outage(
    run: Run, flow: Flow, goes: Callable[[], object], comes: Callable[[], object], least: float
) -> None:
    """Kafka is away for at least so many seconds, and until a sender was asked to come again."""
    before = {name: len(member.exits) for name, member in run.world.members.items()}
    began, refused = time.perf_counter(), run.sending.answers[503]
    goes()
    try:
        while _lasts(run, began, least, refused):
            run.world.tend()
            time.sleep(PAUSE)
    finally:
        comes()
    run.count("outages")
    run.count("answers 503", run.sending.answers[503] - refused)
    run.longest("outage", time.perf_counter() - began)
    run.findings.recoveries.append(flow.seconds())
    _count_exits(run, before)


def _lasts(run: Run, began: float, least: float, refused: int) -> bool:
    lasted, told = time.perf_counter() - began, run.sending.answers[503] > refused
    return lasted < least or (run.loaded and not told and lasted < _REFUSED_WITHIN)


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
