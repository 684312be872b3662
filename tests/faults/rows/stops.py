"""Services are stopped in good order under load, and the edge also by kill -9."""

import time
from collections import Counter

from schemas.topics import EVENTS
from tests.faults.handled import Place, handled_by
from tests.faults.member import PAUSE, Member
from tests.faults.running import Row, Run
from tests.faults.topics import Reader
from tests.faults.world import PARTITIONS, Shape

_CAUGHT_UP_WITHIN = 60.0
_IN_FLIGHT = 0.015
"""Seconds that a request takes, about: somewhere in them the edge is killed."""


def stop_in_good_order(run: Run) -> None:
    """Some are stopped by SIGTERM, left alone for a while, and started; then all is counted."""
    handled_before = len(handled_by(_engines(run)))
    while run.loaded:
        run.wait(0.5, 3)
        some = run.chance.sample(list(run.world.members.values()), run.chance.randint(1, 3))
        for member in some:
            _stop(run, member)
        run.wait(0, 4)  # for longer than a session at times, so that others take over
        for member in some:
            member.start()
        for member in some:
            run.recovered(member)
    _demand_once_each(run)
    run.count("handled", len(handled_by(_engines(run))) - handled_before)


def kill_edge(run: Run) -> None:
    """Somewhere between a request and its answer; the sender says all of it again."""
    while run.loaded:
        run.wait(0.2, 2)
        before = run.sending.asked
        while run.loaded and run.sending.asked == before:
            time.sleep(0.0005)
        time.sleep(run.chance.uniform(0, _IN_FLIGHT))
        run.count("answers never given", run.sending.asked - run.sending.answers.total())
        run.world.edge.kill()
        run.count("kills")
        run.world.edge.start()
        run.recovered(run.world.edge)


def _stop(run: Run, member: Member) -> None:
    began = time.perf_counter()
    code = member.end()
    run.count("stops")
    run.longest("stop", time.perf_counter() - began)
    run.demand(code == 0, f"{member.name} ended with {code} after SIGTERM")


def _demand_once_each(run: Run) -> None:
    """Each record of the journal, ticks too, was handled once, by whomever."""
    journal = _journal(run)
    began = time.perf_counter()
    while journal.difference(handled := handled_by(_engines(run))):
        if time.perf_counter() - began > _CAUGHT_UP_WITHIN:
            run.demand(False, f"not handled: {sorted(journal.difference(handled))[:5]}")
            break
        time.sleep(PAUSE)
    again = [place for place, times in Counter(handled).items() if times > 1]
    run.count("handled again", len(again))
    run.demand(not again, f"handled again: {again[:5]}")


def _engines(run: Run) -> list[Member]:
    return [*run.world.trackers, run.world.alerts]


def _journal(run: Run) -> set[Place]:
    reader = Reader(run.world.bootstrap, EVENTS.full_name, PARTITIONS)
    try:
        return {(r.topic, r.partition, r.offset) for r in reader.more()}
    finally:
        reader.close()


GRACEFUL = (
    Row(
        "graceful stop",
        "SIGTERM ends each with 0; everything handled is committed, nothing is handled again",
        stop_in_good_order,
        shape=Shape(through=("tests.faults.handled",)),
    ),
)
EDGE = (
    Row(
        "edge kill -9",
        "no answer 202 without its records; what a sender says again changes nothing",
        kill_edge,
    ),
)
