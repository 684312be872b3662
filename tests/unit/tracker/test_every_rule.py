"""Every rule has a case that is late and one that is in time."""

import pytest

from services.tracker.core.rules import RULES
from tests.support.hearing import hear
from tests.support.telling import day
from tests.unit.tracker.cases import CASES

LONG_AFTER = 400


def test_each_rule_has_a_late_and_an_in_time_case() -> None:
    assert {rule.__name__ for rule in RULES} == set(CASES), "a rule needs a row in cases.py"


@pytest.mark.parametrize("delay", CASES)
def test_late(delay: str) -> None:
    case = CASES[delay]
    assert hear(case.late, until=case.until).said(delay) == case.told


BY_TIME_ALONE = [
    delay
    for delay, case in CASES.items()
    if all(word.heard_at < day(case.until) for word in case.late.words)
]


@pytest.mark.parametrize("delay", BY_TIME_ALONE)
def test_not_a_moment_too_early(delay: str) -> None:
    case = CASES[delay]
    assert hear(case.late, until=case.until - 0.00001).said(delay) == []


@pytest.mark.parametrize("delay", CASES)
def test_in_time(delay: str) -> None:
    assert hear(CASES[delay].in_time, until=LONG_AFTER).said(delay) == []
