"""The checker finds what is planted: what cannot fail proves nothing."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer

from schemas.topics import ALERTS, DELAYS, MOVEMENTS, QUARANTINE, Topic
from services.runtime.processor import Record
from tests.faults.checker import Checker, alerts_wrong, sums_wrong
from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.receiving import Message
from tests.faults.sending import Sending
from tests.faults.shipments import Promised, Span, telling
from tests.faults.topics import Reader
from tests.faults.world import PARTITIONS, SPEED, World

_SECONDS = 3
_SUBJECTS = 26
_PATIENCE = 4.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as running:
        yield running


@pytest.fixture
def patient(world: World) -> Iterator[Checker]:
    with closing(Checker(world)) as checker:
        yield checker


@pytest.fixture
def hasty(world: World) -> Iterator[Checker]:
    with closing(Checker(world, _PATIENCE)) as checker:
        yield checker


def test_what_is_lost_wrong_or_repeated_is_found(
    world: World, patient: Checker, hasty: Checker
) -> None:
    ledger = Ledger.read(_told(world, seed=1))
    assert _checked(patient, ledger).clean

    for tracker in world.trackers:
        tracker.kill()
    unheard = Ledger.read(_told(world, seed=2))
    found = _checked(hasty, unheard)
    assert found.states_wrong
    assert found.delays_lost
    assert not found.lost
    world.heal()
    assert _checked(patient, unheard).clean, "once they are back, all is as it must be"

    _plant(world)
    number = min(ledger.acknowledged)
    ledger.sent[number] = {**ledger.sent[number], "event_id": "never-sent"}
    found = _checked(hasty, ledger)
    kinds = {"acknowledged lost", "delays invented", "outputs repeated", "alerts wrong"}
    assert kinds | {"violations", "states wrong"} == found.faults.keys()
    assert len(found.lost) == 1
    assert len(found.delays_invented) == 1
    assert len(found.outputs_repeated) == 1


def _told(world: World, seed: int) -> Path:
    """Tell it all; answers the ledger."""
    span = Span(world.clock.now(), timedelta(seconds=_SECONDS * SPEED))
    path = world.folder / f"ledger-{seed}.ndjson"
    sending = Sending(telling(seed, _SUBJECTS, span), path, seed)
    sending.start(world.edge.url, world.key, world.clock)
    assert sending.finish(60) == 0
    return path


def _checked(checker: Checker, ledger: Ledger) -> Findings:
    findings = Findings()
    checker.check(ledger, findings)
    return findings


def _plant(world: World) -> None:
    """One delay twice, one that never was, a wrong state, an alert for nothing, a refused row."""
    delay, state = _one(world, DELAYS), _one(world, MOVEMENTS)
    view = orjson.loads(delay.value or b"")
    never = orjson.dumps({**view, "delay_id": "never", "type": "delay_raised", "seq": 99})
    wrong = orjson.dumps({**orjson.loads(state.value or b""), "state": "lost"})
    alert = {**view, "delay_id": "nothing", "status": "open", "inhibited_by": None}
    producer = KafkaProducer(bootstrap_servers=world.bootstrap)
    producer.send(DELAYS.full_name, delay.value, delay.key)
    producer.send(DELAYS.full_name, never, delay.key)
    producer.send(MOVEMENTS.full_name, wrong, state.key)
    producer.send(ALERTS.full_name, orjson.dumps(alert), b"nothing")
    producer.send(QUARANTINE.full_name, b"x", b"somebody")
    producer.flush(10)
    producer.close()


def _one(world: World, topic: Topic) -> Record:
    """A record about a subject of the first telling."""
    reader = Reader(world.bootstrap, topic.full_name, PARTITIONS)
    try:
        return next(each for each in reader.more() if b"FT-1-" in (each.key or b""))
    finally:
        reader.close()


def test_a_promise_whose_ledger_is_not_the_sum_is_found() -> None:
    view = {"lines": [{"handed_over": 3}, {"handed_over": 2}]}
    assert sums_wrong([Promised("C", 5)], {"commitment/C": view}) == []
    assert sums_wrong([Promised("C", 6)], {"commitment/C": view}) == ["C: 5 handed over, not 6"]
    assert sums_wrong([Promised("C", 0)], {}) == ["C: 0 handed over, not 0"]


def _message(news: str, seq: int) -> Message:
    said = {"type": f"alert.{news}", "data": {"alert_id": "a", "seq": seq}}
    return Message(f"call-{seq}", orjson.dumps(said))


def test_an_end_that_nobody_heard_of_is_found() -> None:
    over = [{"delay_id": "a", "status": "resolved"}]
    begun, ended = _message("opened", 1), _message("resolved", 2)
    assert alerts_wrong({}, over, [begun]) == ["nobody was told of the end of a"]
    assert alerts_wrong({}, over, [begun, ended]) == []
    assert alerts_wrong({}, over, []) == []  # of what nobody heard of no end is told


def test_what_is_told_after_something_newer_is_found() -> None:
    begun, ended = _message("opened", 1), _message("resolved", 2)
    assert alerts_wrong({}, [], [ended, begun]) == ["a: 1 was told after 2"]
    assert alerts_wrong({}, [], [begun, ended, begun]) == []  # a repeat
