"""One look at a subject's delays: what is new, told and remembered, and when to look again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.tracker.core.lateness import Identity, Lateness
from services.tracker.core.told import End, Look, News, Told, news

Write = Callable[[News, int], dict[str, object]]
"""Makes the record of a piece of news with its seq."""


class Telling(NamedTuple):
    """What was told by now, the seq of the last word, and the new records."""

    told: tuple[Told, ...]
    seq: int
    records: Sequence[dict[str, object]]


def tell(
    before: Telling, found: Mapping[Identity, Lateness], look: Look, ending: End, write: Write
) -> Telling:
    """Tell what is new at this look."""
    told = {one.identity: one for one in before.told}
    seq, records = before.seq, []
    for item in list(news(told, found, look, ending)):
        seq += 1
        told[item.told.identity] = item.told
        records.append(write(item, seq))
    if not records:
        return before
    ordered = tuple(told[identity] for identity in sorted(told, key=lambda one: one.order))
    return Telling(ordered, seq, records)


def deadline_of(found: Iterable[Lateness], now: datetime) -> datetime | None:
    """The earliest moment at which one of them begins, worsens or expires."""
    first: datetime | None = None
    for lateness in found:
        at = lateness.deadline(now) if lateness.until is None else None
        if at is not None and (first is None or at < first):
            first = at
    return first
