"""Every scenario, told to the tracker in memory."""

import pytest

from tests.scenarios.stories import CONVOY_SAID, LAST_DAY, SCENARIOS, Scenario, convoy
from tests.support.hearing import aloud, hear


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_told(scenario: Scenario) -> None:
    account = hear(scenario.story, until=LAST_DAY)
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in account.delays) == scenario.said
    assert account.movement["state"] == scenario.state


def test_a_publisher_that_stops_is_one_alert() -> None:
    told = [delay for delay in hear(*convoy()).delays if "silent" in delay["delay"]]
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == CONVOY_SAID
