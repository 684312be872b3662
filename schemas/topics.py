"""The topics as typed values: creation, documents and tests follow from this one list."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal, NamedTuple

PREFIX: Final = "chasqui."

RecordName = Literal[
    "event",
    "tick",
    "rules",
    "terms",
    "learnt",
    "movement",
    "contribution",
    "commitment",
    "delay",
    "activity",
    "publisher",
    "alert",
    "audit",
    "receipt",
    "command",
    "backlog",
    "storm",
    "dead-letter",
    "replay",
]
"""A kind of record; each has a published JSON Schema of that name."""

Key = Literal[
    "any",
    "kind/subject_id",
    "commitment/id",
    "publisher",
    "publisher/code",
    "alert_id",
    "country or kind/subject_id",
]


Party = Literal["field systems", "ingest", "tracker", "alerts", "people"]
"""Who writes or reads a topic."""


class Header(NamedTuple):
    """A Kafka header; its value is UTF-8 text."""

    name: str
    says: str


@dataclass(frozen=True)
class Topic:
    """One topic: what is in it, how its records are keyed, and for how long they are kept."""

    name: str
    """Short name; on Kafka it has the prefix `chasqui.`."""
    says: str
    key: Key
    records: tuple[RecordName, ...]
    """What its values are; none for a topic of original bytes."""
    written_by: tuple[Party, ...]
    read_by: tuple[Party, ...]
    headers: tuple[Header, ...] = ()
    retention: timedelta | None = None
    """Wall time that a record is kept at least; None keeps it for ever."""
    cleanup: Literal["delete", "compact"] = "delete"
    partitions: int | None = None
    """None: the one setting CHASQUI_PARTITIONS, so that keys meet in the same task."""
    largest_bytes: int = 4 * 1024 * 1024
    """The largest record that Kafka takes."""

    @cached_property
    def full_name(self) -> str:
        """The name on Kafka."""
        return PREFIX + self.name


FIELD_REPORTS: Final = Topic(
    name="field-reports",
    says="Unchecked events that field systems publish to Kafka themselves.",
    key="any",
    records=("event",),
    written_by=("field systems",),
    read_by=("ingest",),
    headers=(Header("key", "the source's key; `authorization: Bearer <key>` is taken too"),),
    retention=timedelta(days=7),
    largest_bytes=16 * 1024 * 1024,
)
EVENTS: Final = Topic(
    name="events",
    says="The journal: every admitted event in its canonical form, the ticks of time, the rules,"
    " what is learnt, and the terms that a promise or a split sends to a movement.",
    key="kind/subject_id",
    records=("event", "tick", "rules", "learnt", "terms"),
    written_by=("ingest", "tracker", "people"),
    read_by=("tracker",),
    headers=(
        Header("at", "business time of the record, ms since the epoch (= ingested_at)"),
        Header("source", "key id of the source; none on our own records"),
    ),
)
QUARANTINED_BYTES: Final = 1024 * 1024
"""Of the original that are kept."""
QUARANTINE: Final = Topic(
    name="quarantine",
    says="The original bytes of what was refused, at most 1 MiB of each; of a row with a "
    "person's data only what names the event.",
    key="publisher",
    records=(),
    written_by=("ingest", "tracker", "alerts"),
    read_by=("tracker", "people"),
    headers=(
        Header("reason", "the refusal's reason, of the closed list"),
        Header("field", "dotted path of the field, where there is one"),
        Header("detail", "one readable sentence"),
        Header("origin", "`http:<key id>` or `kafka:<topic>/<partition>/<offset>`"),
        Header("row", "row of the request, from 1"),
        Header("received_at", "when it first arrived"),
    ),
    retention=timedelta(days=30),
)
MOVEMENTS: Final = Topic(
    name="movements",
    says="Each shipment and deployment as it stands.",
    key="kind/subject_id",
    records=("movement",),
    written_by=("tracker",),
    read_by=("people",),
    cleanup="compact",
)
CONTRIBUTIONS: Final = Topic(
    name="contributions",
    says="What a movement contributes to the promise that it names; internal.",
    key="commitment/id",
    records=("contribution",),
    written_by=("tracker",),
    read_by=("tracker",),
    retention=timedelta(days=7),
)
COMMITMENTS: Final = Topic(
    name="commitments",
    says="Each promise as it stands: promised, covered, moving, handed over, confirmed.",
    key="commitment/id",
    records=("commitment",),
    written_by=("tracker",),
    read_by=("people",),
    cleanup="compact",
)
DELAYS: Final = Topic(
    name="delays",
    says="What is late, how that changes, and why it ends, with its evidence.",
    key="kind/subject_id",
    records=("delay",),
    written_by=("tracker",),
    read_by=("alerts",),
    retention=timedelta(days=90),
)
ACTIVITY: Final = Topic(
    name="publisher-activity",
    says="What movements tell of those who report on them; internal.",
    key="publisher/code",
    records=("activity",),
    written_by=("tracker",),
    read_by=("tracker",),
    retention=timedelta(days=7),
)
PUBLISHERS: Final = Topic(
    name="publishers",
    says="How each publisher reports: its scorecard, at most hourly.",
    key="publisher/code",
    records=("publisher",),
    written_by=("tracker",),
    read_by=("people",),
    cleanup="compact",
)
ALERTS: Final = Topic(
    name="alerts",
    says="Each alert as it stands, and each escalation of it.",
    key="alert_id",
    records=("alert",),
    written_by=("alerts",),
    read_by=("alerts", "people"),
    cleanup="compact",
)
AUDIT: Final = Topic(
    name="audit",
    says="What was done about each alert, and by whom.",
    key="alert_id",
    records=("audit",),
    written_by=("alerts",),
    read_by=("alerts", "people"),
    retention=timedelta(days=365),
)
COMMANDS: Final = Topic(
    name="commands",
    says="What operators say of an alert: acknowledge, unacknowledge, note.",
    key="kind/subject_id",
    records=("command",),
    written_by=("people", "alerts"),
    read_by=("alerts",),
    retention=timedelta(days=365),
)
RECEIPTS: Final = Topic(
    name="receipts",
    says="What a sink answered to a call.",
    key="kind/subject_id",
    records=("receipt",),
    written_by=("alerts",),
    read_by=("alerts",),
    retention=timedelta(days=7),
)

BACKLOG: Final = Topic(
    name="backlog",
    says="What subjects tell the digests of their country (keys `country/EC`, `storm/EC`), and what"
    " the digest of a storm answers them; internal.",
    key="country or kind/subject_id",
    records=("backlog", "storm"),
    written_by=("alerts",),
    read_by=("alerts",),
    retention=timedelta(days=7),
)
DEAD_LETTERS: Final = Topic(
    name="dead-letters",
    says="Messages that a sink refused, or did not take within a day, with the reason.",
    key="kind/subject_id",
    records=("dead-letter",),
    written_by=("alerts",),
    read_by=("people",),
    retention=timedelta(days=90),
)
REPLAYS: Final = Topic(
    name="replays",
    says="Dead letters that operators send again.",
    key="kind/subject_id",
    records=("replay",),
    written_by=("people",),
    read_by=("alerts", "people"),
    retention=timedelta(days=90),
)

TOPICS: Final = (
    FIELD_REPORTS,
    EVENTS,
    QUARANTINE,
    MOVEMENTS,
    CONTRIBUTIONS,
    COMMITMENTS,
    DELAYS,
    ACTIVITY,
    PUBLISHERS,
    ALERTS,
    AUDIT,
    COMMANDS,
    RECEIPTS,
    BACKLOG,
    DEAD_LETTERS,
    REPLAYS,
)
