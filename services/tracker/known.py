"""What every movement of a partition is judged by: the broadcast records of the journal, folded."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from schemas.publishers import KEY
from schemas.topics import ACTIVITY, DELAYS, EVENTS
from services.runtime.processor import ALL_KEYS, Codec, Outcome, Record, Shared
from services.tracker.codec import StructCodec
from services.tracker.core.activity import Activity
from services.tracker.core.learning import NOTHING_PAST, Episode, Past
from services.tracker.core.learnt import Group, Judge, Learnt, Silence
from services.tracker.core.publisher_view import silence_records
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook, rulebook
from services.tracker.core.view import dumps


class Known(msgspec.Struct, frozen=True):
    """The rules in force, and what is learnt of publishers and of silences that ended."""

    rules: str = ""
    """As they were applied; empty as long as nobody applied any."""
    publishers: dict[str, Learnt] = {}
    past: Past = NOTHING_PAST

    def book(self, default: RuleBook = DEFAULT_BOOK) -> RuleBook:
        """The rules, or the default ones."""
        return rulebook(self.rules) if self.rules else default

    def judge(self, default: RuleBook = DEFAULT_BOOK) -> Judge:
        """By those rules, and by what is learnt."""
        return Judge(self.book(default), self.publishers, self.past)


NOTHING_KNOWN = Known()
MOST_PUBLISHERS = 5000
"""Beyond it the one that was not heard of for longest is forgotten."""


class _Delivery(msgspec.Struct, frozen=True):
    """A delivery that was due and unreported, as the journal has it."""

    at: datetime
    subject: str
    country: str
    silence: timedelta
    late: bool

    @property
    def episode(self) -> Episode:
        return Episode(self.at, self.subject, self.silence, self.late, self.country)


class _Broadcast(msgspec.Struct, frozen=True):
    """What a broadcast record says, as far as it is known here; a tick says nothing more."""

    type: str
    at: datetime
    toml: str = ""
    publisher: str = ""
    heard_at: datetime | None = None
    groups: tuple[Group, ...] = ()
    silence: Silence | None = None
    deliveries: tuple[_Delivery, ...] = ()
    home: bool = False
    asks: bool = False


class KnownProcessor:
    """Keeps what is broadcast; other rules call up every movement, so that they count at once.

    What is learnt counts when a movement is looked at next. That a publisher is silent is told from
    here, in the partition of its key: so it follows from the journal like all other delays.
    """

    name = "known"
    topics: Collection[str] = (EVENTS.full_name,)
    prefixes: tuple[bytes, ...] = ALL_KEYS

    def __init__(self) -> None:
        self.codec: Codec[Known] = StructCodec(Known)
        self._decoder = msgspec.json.Decoder(_Broadcast)

    def on_record(
        self,
        record: Record,
        state: Known | None,
        shared: Shared,  # noqa: ARG002 - its own state
        now: datetime,
    ) -> Outcome[Known]:
        said = self._decoder.decode(record.value or b"")
        known = state or NOTHING_KNOWN
        if said.type == "learnt":
            return _learnt(known, said, record.partition or 0, now)
        if said.type != "rules":
            return Outcome(state)
        rulebook(said.toml)  # rather buried than in force
        # The same again too: what is safe may be from before a crash in the middle of a revision.
        return Outcome(msgspec.structs.replace(known, rules=said.toml), revise=True)

    def on_deadline(
        self, key: bytes, state: Known, shared: Shared, now: datetime
    ) -> Outcome[Known]:
        raise AssertionError(
            f"of what is known nothing is ever due: {key!r}, {state}, {shared}, {now}"
        )


def _learnt(known: Known, said: _Broadcast, partition: int, now: datetime) -> Outcome[Known]:
    """Keep the newest word of a publisher; tell its silence, and answer if asked."""
    before = known.publishers.get(said.publisher)
    begins = said.silence is not None and (before is None or before.silence is None)
    silences = (before.silences if before else 0) + begins
    raised_at = before.raised_at if before else None
    if begins and said.silence is not None:
        raised_at = max(said.silence.since, now)
    after = Learnt(said.heard_at or said.at, said.groups, said.silence, silences, raised_at)
    publishers = {**known.publishers, said.publisher: after}
    if len(publishers) > MOST_PUBLISHERS:
        del publishers[min(publishers, key=lambda code: (publishers[code].heard_at, code))]
    key, out = f"{KEY}{said.publisher}".encode(), []
    if said.home:
        version = known.book().version
        told = silence_records(said.publisher, before, after, now, version)
        out = [Record(DELAYS.full_name, key, dumps(each)) for each in told]
    if said.asks:
        answer = Activity(now, answers=said.at, partition=partition)
        out.append(Record(ACTIVITY.full_name, key, dumps(answer)))
    past = known.past
    if said.deliveries:
        past = past.with_ended(said.publisher, (each.episode for each in said.deliveries))
    return Outcome(msgspec.structs.replace(known, publishers=publishers, past=past), out=out)
