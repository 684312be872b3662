"""Every scenario, told to the tracker in memory."""

import pytest

from tests.scenarios.stories import LAST_DAY, SCENARIOS, Scenario
from tests.support.hearing import aloud, hear


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_told(scenario: Scenario) -> None:
    account = hear(scenario.story, until=LAST_DAY)
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in account.delays) == scenario.said
    assert account.movement["state"] == scenario.state
