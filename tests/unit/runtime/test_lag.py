"""How far behind, in records and in seconds: the broker's word against where one reads."""

from datetime import UTC, datetime

import pytest
from aiokafka import TopicPartition

from services.runtime.clock import WallClock
from services.runtime.lag import lag_of

FIRST, SECOND = TopicPartition("events", 0), TopicPartition("events", 1)
NOW = datetime(2026, 1, 5, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


class Stopped(WallClock):
    """At NOW."""

    def wall(self) -> datetime:
        return NOW


class Consumer:
    """What the broker told it of each partition: its stable end, and where it reads."""

    def __init__(self, **at: tuple[int | None, int]) -> None:
        self._at = {FIRST: at.get("first", (0, 0)), SECOND: at.get("second", (0, 0))}

    def last_stable_offset(self, place: TopicPartition) -> int | None:
        return self._at[place][0]

    async def position(self, place: TopicPartition) -> int:
        return self._at[place][1]


@pytest.mark.parametrize(
    ("consumer", "records", "seconds"),
    [
        (Consumer(first=(9, 9), second=(4, 4)), 0, 0),
        (Consumer(first=(9, 6), second=(4, 4)), 3, 20),
        (Consumer(first=(9, 6), second=(4, 3)), 4, 60),
        (Consumer(first=(None, 0), second=(4, 3)), 1, 60),
    ],
    ids=["caught up", "one behind", "both behind", "not told yet"],
)
async def test_lag_is_of_the_place_read_longest_ago(
    consumer: Consumer, records: int, seconds: float
) -> None:
    read_at = {FIRST: NOW_MS - 20_000, SECOND: NOW_MS - 60_000}
    assert await lag_of(consumer, read_at, Stopped()) == (records, seconds)


async def test_nothing_is_owned() -> None:
    assert await lag_of(Consumer(), {}, Stopped()) == (0, 0)
