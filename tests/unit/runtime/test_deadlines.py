"""Deadlines come up in order, each key once, whatever is in memory."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime import deadlines as module
from services.runtime.deadlines import Deadlines, Hint

KEYS = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])
STEPS = st.lists(st.tuples(KEYS, st.none() | st.integers(0, 20), st.booleans()), max_size=300)


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Windows of two hints, so that most are never in memory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_WINDOW", 2)
        patch.setattr(module, "_MOST", 3)
        yield


class Entries:
    """What is true of each key, and whatever was true of it once."""

    def __init__(self) -> None:
        self.at: dict[bytes, int | None] = {}
        self.ever: set[Hint] = set()
        self.deadlines = Deadlines(self)

    def deadline(self, key: bytes) -> int | None:
        return self.at.get(key)

    def hints(self, since: Hint) -> Iterator[Hint]:
        return iter(sorted(hint for hint in self.ever if hint >= since))

    def set(self, key: bytes, at: int | None) -> None:
        before, self.at[key] = self.at.get(key), at
        if at is not None:
            self.ever.add(Hint(at, key))
        self.deadlines.move(key, before, at)

    def take(self, before: int) -> Iterator[Hint]:
        while (hint := self.deadlines.pop(before)) is not None:
            self.set(hint.key, None)
            yield hint


@given(STEPS, st.integers(0, 25))
def test_what_is_due_comes_in_order_of_moment_and_key(
    steps: list[tuple[bytes, int | None, bool]], before: int
) -> None:
    entries, left = Entries(), list[Hint]()
    for key, at, look in steps:
        entries.set(key, at)
        left = sorted(Hint(at, key) for key, at in entries.at.items() if at is not None)
        if look:
            assert entries.deadlines.first() == (left[0].at if left else None)
    assert list(entries.take(before)) == [hint for hint in left if hint.at < before]


def test_few_are_in_memory_however_many_there_are() -> None:
    entries = Entries()
    for number in range(1000):
        entries.set(b"%d" % number, 7 * number % 1000)
        if number % 100 == 0:
            entries.deadlines.first()
        assert len(entries.deadlines._near) <= 4
    assert [hint.at for hint in entries.take(1000)] == list(range(1000))


def test_many_that_are_due_at_one_moment_are_not_in_memory_together() -> None:
    entries = Entries()
    for number in range(10):
        entries.set(b"%d" % number, 5)
    entries.deadlines.first()
    assert len(entries.deadlines._near) <= 3
    assert [hint.key for hint in entries.take(6)] == [b"%d" % number for number in range(10)]


def test_a_moment_itself_is_not_before_it() -> None:
    entries = Entries()
    entries.set(b"a", 5)
    assert entries.deadlines.pop(5) is None
    assert entries.deadlines.pop(6) == (5, b"a")
