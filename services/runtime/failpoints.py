"""Where a fault test may end or stop the process; without CHASQUI_FAILPOINT nothing happens."""

import os
import signal
from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """A moment between two steps that are to be safe in this order."""

    TRANSACTION_OPEN = "transaction-open"
    RECORDS_SENT = "records-sent"
    OFFSETS_ADDED = "offsets-added"
    COMMITTED = "committed"
    STORE_WRITTEN = "store-written"
    CALL_MADE = "call-made"
    """The other side has taken a call; its answer is not written down yet."""
    REBALANCE = "rebalance"
    """Partitions have come; none of them is open yet."""
    RECOVERY = "recovery"
    """A batch of the changelog is in the store."""


Passing = Callable[[Point], None]
"""Told of every point that is passed."""
_SIGNALS = {"": signal.SIGKILL, "stop": signal.SIGSTOP}


def go_on(point: Point) -> None:
    """What every process in earnest does: nothing."""


def parse_failpoint(spec: str) -> Passing:
    """`<point>[:<nth>[:stop]]`: kill -9, or SIGSTOP, at its nth passing.

    ValueError says what is wrong.
    """
    if not spec:
        return go_on
    name, nth, how, *_ = (*spec.split(":", 2), "", "")
    if name not in list(Point):
        raise ValueError(f"a failpoint is one of {', '.join(Point)}, not {name!r}")
    if nth and (not nth.isdigit() or int(nth) < 1):
        raise ValueError(f"a failpoint's passing is a number from 1 on, not {nth!r}")
    if how not in _SIGNALS:
        raise ValueError(f"a failpoint kills, or it says stop, not {how!r}")
    return _Deadly(Point(name), int(nth or 1), _SIGNALS[how])


class _Deadly:
    """Ends the process as a lost machine would, or stops it as an overloaded one would."""

    def __init__(self, point: Point, nth: int, number: signal.Signals) -> None:
        self._point = point
        self._left = nth
        self._number = number

    def __call__(self, point: Point) -> None:
        if point is self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._number)
