"""Every scenario, told to the tracker in memory."""

import orjson
import pytest

from schemas.topics import DELAYS
from schemas.vocabulary import STAGES
from tests.scenarios import silences
from tests.scenarios.promises import REACHED, SAID, STORIES, phases
from tests.scenarios.stories import CONVOY_SAID, LAST_DAY, SCENARIOS, Scenario, convoy
from tests.support.hearing import Account, aloud, hear, listen


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_told(scenario: Scenario) -> None:
    account = hear(scenario.story, until=LAST_DAY)
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in account.delays) == scenario.said
    assert account.movement["state"] == scenario.state


def test_a_publisher_that_stops_is_one_alert() -> None:
    outputs = hear(*convoy()).driver.outputs
    delays = [orjson.loads(r.value or b"") for r in outputs if r.topic == DELAYS.full_name]
    told = [delay for delay in delays if "silent" in delay["delay"]]
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == CONVOY_SAID


@pytest.mark.parametrize("partitions", [1, 2, 5])
def test_past_silences_are_believed_as_told(partitions: int) -> None:
    account = listen(silences.STORIES[0], partitions=partitions)
    for words, until in phases(silences.STORIES):
        account.hear(*words).wait(until)
    for key, said in silences.SAID.items():
        told = [each for each in account.delays if f"shipment/{each['subject_id']}" == key]
        assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == said
    assert silences.BECAUSE in told[-1]["sentence"]


def test_a_promise_ends_as_told() -> None:
    _ends_as_told(hear(*STORIES, until=LAST_DAY))


@pytest.mark.parametrize("partitions", [1, 2, 5, 8])
def test_a_promise_over_partitions_ends_as_told(partitions: int) -> None:
    account = listen(STORIES[0], partitions=partitions)
    for words, until in phases(STORIES):
        account.hear(*words).wait(until)
    _ends_as_told(account)


def _ends_as_told(account: Account) -> None:
    told: dict[str, list[str]] = {key: [] for key in SAID}
    for delay in account.delays:
        key = f"{delay['kind']}/{delay['subject_id']}"
        told[key].append(f"{delay['delay']} {aloud(delay)}")
    assert {key: tuple(said) for key, said in told.items()} == SAID
    for subject_id, (state, item, reached) in REACHED.items():
        view = account.promise(subject_id)
        (line,) = view["lines"]
        assert (view["state"], line["item"]) == (state, item)
        assert [line[stage] for stage in STAGES] == reached
