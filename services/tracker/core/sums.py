"""The words of the promise, summed over commitments by whom or what they concern."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, get_args

import msgspec

from schemas.vocabulary import STAGES
from services.tracker.core.ledger import exact, plain
from services.tracker.core.promise_view import LineView

Grouping = Literal["agency", "country", "item", "programme", "request"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


class Summed(msgspec.Struct, frozen=True):
    """What is summed: a commitment as the topic `commitments` has it."""

    subject_id: str
    state: str
    agency: str | None
    country: str | None
    programme: str | None
    request: str | None
    lines: list[LineView]


class Sum(msgspec.Struct, frozen=True):
    """One item over all commitments of a group; units are never mixed."""

    group: str | None
    item: str | None
    unit: str | None
    commitments: int
    promised: int | float
    covered: int | float
    moving: int | float
    handed_over: int | float
    confirmed: int | float


read_summed = msgspec.json.Decoder(Summed).decode
"""JSON bytes of a commitment; msgspec.MsgspecError when it is none."""


def sums(commitments: Iterable[Summed], by: Grouping) -> list[Sum]:
    """Per group, item and unit; what was cancelled is promised no more, but still moves."""
    found: dict[tuple[str | None, str | None, str | None], list[LineView]] = {}
    for commitment in commitments:
        for line in _counted(commitment):
            group = line.item if by == "item" else getattr(commitment, by)
            found.setdefault((group, line.item, line.unit), []).append(line)
    return [_sum(*group, lines) for group, lines in sorted(found.items(), key=_order)]


def _counted(commitment: Summed) -> Iterator[LineView]:
    for line in commitment.lines:
        if commitment.state == "cancelled":
            yield msgspec.structs.replace(line, promised=0)
        else:
            yield line


def _order(found: tuple[tuple[str | None, ...], object]) -> tuple[tuple[bool, str], ...]:
    """What is unknown comes last."""
    return tuple((name is None, name or "") for name in found[0])


def _sum(group: str | None, item: str | None, unit: str | None, lines: list[LineView]) -> Sum:
    totals: Mapping[str, int | float] = {
        stage: plain(sum(exact(getattr(line, stage)) for line in lines)) for stage in STAGES
    }
    return Sum(group, item, unit, len(lines), **totals)
