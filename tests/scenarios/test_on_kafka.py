"""Every scenario, sent over HTTP to the real services on a real Kafka: the same outcome."""

from collections.abc import Iterator
from contextlib import ExitStack

import orjson
import pytest

from deploy.checks.real_input import World, final_states, on_the_topic
from schemas.times import wire
from tests.scenarios.stories import LAST_DAY, SCENARIOS, Scenario
from tests.support.hearing import aloud, in_order_heard
from tests.support.telling import day


class Heard:
    """What a kafka-python reader finds on the topics in the end, by subject."""

    def __init__(self, bootstrap: str) -> None:
        told = on_the_topic(bootstrap)
        self.delays = {key: [orjson.loads(line) for line in said] for key, said in told.items()}
        views = (orjson.loads(line) for line in final_states(bootstrap))
        self.movements = {f"{view['kind']}/{view['subject_id']}": view for view in views}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    folder = tmp_path_factory.mktemp("scenarios")
    journal = folder / "scenarios.ndjson"
    journal.write_bytes(_all_scenarios())
    with ExitStack() as stack:
        world = World(folder, stack)
        world.await_edge()
        world.chasqui("publish", str(journal), "--until", wire(day(LAST_DAY)))
        world.await_tracker()
        yield Heard(world.bootstrap)


def _all_scenarios() -> bytes:
    words = in_order_heard(scenario.story for scenario in SCENARIOS.values())
    return b"\n".join(
        orjson.dumps({**word.event, "received_at": wire(word.heard_at)}) for word in words
    )


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_told(scenario: Scenario, heard: Heard) -> None:
    key = scenario.story.key.decode()
    told = heard.delays.get(key, [])
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == scenario.said
    assert heard.movements[key]["state"] == scenario.state
