"""Every rule has a case that is late and one that is in time."""

import pytest

from services.tracker.core.rules import RULES
from tests.support.hearing import hear
from tests.unit.tracker.cases import CASES

LONG_AFTER = 400


def test_each_rule_has_a_late_and_an_in_time_case() -> None:
    assert {rule.__name__ for rule in RULES} == set(CASES), "a rule needs a row in cases.py"


@pytest.mark.parametrize("delay", CASES)
def test_late(delay: str) -> None:
    case = CASES[delay]
    assert hear(case.late, until=case.until).said(delay) == case.told


@pytest.mark.parametrize("delay", CASES)
def test_not_a_moment_too_early(delay: str) -> None:
    case = CASES[delay]
    assert hear(case.late, until=case.until - 0.001).said(delay)[:1] in ([], case.told[:1])
    since = hear(case.late, until=case.until).of(delay)[0]["late_since"]
    assert since is not None


@pytest.mark.parametrize("delay", CASES)
def test_in_time(delay: str) -> None:
    assert hear(CASES[delay].in_time, until=LONG_AFTER).said(delay) == []
