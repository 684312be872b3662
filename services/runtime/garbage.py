"""How often Python looks for garbage in cycles: seldom, for nearly all here is freed without."""

import gc
from typing import Final

_COLLECT_AFTER: Final = (10_000, 10, 1000)
"""States are many, live long and are in no cycles, and so are a batch's events; with Python's own
thresholds it looks through all of them again and again: a fifth of the tracker's CPU, and pauses
that grow with the number of states."""


def collect_seldom() -> None:
    """Leave out what has been loaded until now, for good, and look through the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
