"""The tracker's second processor: how each publisher reports, and whether it is silent."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import msgspec

from schemas.publishers import KEY
from schemas.topics import ACTIVITY, EVENTS, PUBLISHERS
from services.runtime.moments import to_ms
from services.runtime.partition import partition_of
from services.runtime.processor import ALL_KEYS, Codec, Outcome, Part, Record, Shared
from services.tracker.codec import StructCodec
from services.tracker.core.activity import Activity, joined
from services.tracker.core.learning import NO_SILENCES
from services.tracker.core.limits import Limits
from services.tracker.core.publisher import Publisher
from services.tracker.core.publisher_view import learnt_record, scorecard
from services.tracker.core.publisher_watch import Turn, look, take
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook
from services.tracker.core.view import dumps
from services.tracker.known import Known


class PublishersProcessor:
    """Counts what movements tell of a publisher; hourly, if that changed, it tells all partitions.

    `book` are the rules until others are applied.
    """

    name = "publishers"
    topics: Collection[str] = (ACTIVITY.full_name,)
    prefixes: tuple[bytes, ...] = ALL_KEYS

    def __init__(self, partitions: int, book: RuleBook = DEFAULT_BOOK) -> None:
        self.codec: Codec[Publisher] = StructCodec(Publisher)
        self._partitions = range(partitions)
        self._book = book
        # One at a time is how builds until 0045 said it.
        self._decoder = msgspec.json.Decoder(tuple[Activity, ...] | Activity)

    def on_record(
        self, record: Record, state: Publisher | None, shared: Shared, now: datetime
    ) -> Outcome[Publisher]:
        key = record.key or b""
        said = self._decoder.decode(record.value or b"")
        activities = (said,) if isinstance(said, Activity) else said
        # This partition may have heard nothing yet: then what it is told is its only clock.
        now = max(now, *(each.at for each in activities))
        known = state or Publisher(key.decode().removeprefix(KEY), activities[0].at)
        return self._outcome(key, take(known, activities, self._limits(shared), now), now)

    def on_deadline(
        self, key: bytes, state: Publisher, shared: Shared, now: datetime
    ) -> Outcome[Publisher]:
        turn = look(state, self._limits(shared), self._partitions, now)
        turn = turn._replace(tells=turn.tells or _passes_for_silent(turn.publisher, shared))
        return self._outcome(key, turn, now)

    def _limits(self, shared: Known | None) -> Limits:
        return (self._book if shared is None else shared.book(self._book)).default

    def _outcome(self, key: bytes, turn: Turn, now: datetime) -> Outcome[Publisher]:
        out: list[Record] = []
        shown = [Part(PUBLISHERS.full_name, key, turn.publisher)] if turn.shows else ()
        publisher = turn.publisher
        if turn.tells:
            out += self._to_all(key, turn, now)
            publisher = msgspec.structs.replace(publisher, ended=NO_SILENCES)
        return Outcome(publisher, publisher.look_at, out, parts=shown)

    def _to_all(self, key: bytes, turn: Turn, now: datetime) -> Iterator[Record]:
        headers, home = (("at", b"%d" % to_ms(now)),), partition_of(key, len(self._partitions))
        elsewhere, at_home = (
            dumps(learnt_record(turn.publisher, now, home=is_home, asks=turn.asks))
            for is_home in (False, True)
        )
        for number in self._partitions:
            value = at_home if number == home else elsewhere
            yield Record(EVENTS.full_name, None, value, headers, number)


def shown_publisher(states: Sequence[Publisher]) -> bytes:
    """The scorecard after the last look or word of a flush."""
    return dumps(scorecard(states[-1]))


def joined_activity(said: Sequence[Activity]) -> bytes:
    """All that was said of a publisher in one flush."""
    return dumps(joined(said))


def _passes_for_silent(publisher: Publisher, shared: Known | None) -> bool:
    """Told to be silent, and it is not: a rebuild makes windows anew, and knows nothing of that."""
    told = None if shared is None else shared.publishers.get(publisher.code)
    return told is not None and told.silence is not None and publisher.silence is None
