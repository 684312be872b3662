"""Garbage in cycles is looked for seldom, and never in what was loaded at the start."""

import gc
from collections.abc import Iterator

import pytest

from services.runtime.garbage import collect_seldom


@pytest.fixture
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("_as_before")
def test_what_is_loaded_is_left_out_and_the_rest_is_still_collected() -> None:
    loaded = [[] for _ in range(10)]
    collect_seldom()
    assert gc.get_freeze_count() > len(loaded)
    assert all(each is not loaded for each in gc.get_objects())
    assert gc.isenabled()
    assert gc.get_threshold()[0] >= 10_000
