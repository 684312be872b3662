"""Deadlines come up in order, each key once."""

from hypothesis import given
from hypothesis import strategies as st

from services.runtime.deadlines import Deadlines

KEYS = st.sampled_from([b"a", b"b", b"c", b"d"])
STEPS = st.lists(st.tuples(KEYS, st.none() | st.integers(0, 20)), max_size=300)


@given(STEPS, st.integers(0, 25))
def test_what_is_due_comes_in_order_of_moment_and_key(
    steps: list[tuple[bytes, int | None]], before: int
) -> None:
    deadlines, expected = Deadlines(), {}
    for key, at in steps:
        deadlines.set(key, at)
        expected[key] = at
    left = sorted((at, key) for key, at in expected.items() if at is not None)
    assert len(deadlines) == len(left)
    assert deadlines.first() == (left[0][0] if left else None)
    popped = list(iter(lambda: deadlines.pop(before), None))
    assert popped == [(at, key) for at, key in left if at < before]
    assert len(deadlines) == len(left) - len(popped)


def test_a_deadline_moved_often_takes_no_room() -> None:
    deadlines = Deadlines()
    for at in range(10_000):
        deadlines.set(b"a", at)
    assert len(deadlines._heap) < 100
    assert deadlines.pop(10_000) == (9_999, b"a")


def test_a_moment_itself_is_not_before_it() -> None:
    deadlines = Deadlines()
    deadlines.set(b"a", 5)
    assert deadlines.pop(5) is None
    assert deadlines.pop(6) == (5, b"a")
