"""The rule of `services/tracker/core/learning.py` for one moment, as it is put in words."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from services.tracker.core.learning import DEFAULT_BELIEF, Belief, Episode, Odds, Silences


def odds(
    groups: Sequence[Silences], due: datetime, at: datetime, belief: Belief = DEFAULT_BELIEF
) -> Odds:
    """What was known by `at` of silences as long, in the narrowest group that can tell.

    The groups are given from the widest to the narrowest.
    """
    for group in range(len(groups) - 1, -1, -1):
        known = _known(groups[group].episodes, at, belief.counted)
        if not group and len(known) < belief.least_of_all:
            break
        since = at - belief.window if group else None
        lasting = [
            each.late
            for each in known
            if each.silence > at - due and (since is None or each.recorded_at > since)
        ]
        if len(lasting) >= (belief.least if group else 1):
            return Odds(sum(lasting), len(lasting), group)
    return Odds()


def _known(episodes: Sequence[Episode], at: datetime, counted: int) -> Sequence[Episode]:
    """The latest so many that were recorded by `at`."""
    end = bisect_right(episodes, at, key=lambda each: each.recorded_at)
    return episodes[max(0, end - counted) : end]
