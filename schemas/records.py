"""Every kind of record by name, with what reads and describes it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Protocol

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from schemas.alerting import AlertingFile
from schemas.alerts import Alert, AuditEntry, BacklogStep, storm_adapter
from schemas.commands import Command, Receipt
from schemas.commitments import Commitment, Contribution
from schemas.dead_letters import DeadLetter, Replay
from schemas.delays import delay_adapter
from schemas.events import event_adapter
from schemas.journal import Learnt, Rules, Terms, Tick
from schemas.movements import Movement
from schemas.publishers import Activities, Publisher
from schemas.rules import RulesFile
from schemas.topics import RecordName


class Adapter(Protocol):
    """What pydantic's TypeAdapter of any record can do."""

    def validate_json(self, data: bytes, /) -> object:
        """The record that the bytes say; raises pydantic.ValidationError."""

    def json_schema(
        self,
        *,
        mode: Literal["validation", "serialization"],
        schema_generator: type[GenerateJsonSchema],
    ) -> dict[str, object]:
        """Its JSON Schema."""


class RecordKind(NamedTuple):
    """One kind of record; described as others write it or as we do."""

    title: str
    adapter: Adapter
    described_as: Literal["validation", "serialization"]


RECORDS: Final[Mapping[RecordName, RecordKind]] = MappingProxyType(
    {
        "event": RecordKind("An event of a subject", event_adapter, "validation"),
        "tick": RecordKind("A tick of time", TypeAdapter(Tick), "serialization"),
        "terms": RecordKind("Terms of a movement", TypeAdapter(Terms), "serialization"),
        "rules": RecordKind("Rules to judge by", TypeAdapter(Rules), "serialization"),
        "learnt": RecordKind("What is known of a publisher", TypeAdapter(Learnt), "serialization"),
        "movement": RecordKind("A movement as it stands", TypeAdapter(Movement), "serialization"),
        "contribution": RecordKind(
            "What a movement contributes", TypeAdapter(Contribution), "serialization"
        ),
        "commitment": RecordKind(
            "A promise as it stands", TypeAdapter(Commitment), "serialization"
        ),
        "delay": RecordKind("A word about a delay", delay_adapter, "serialization"),
        "activity": RecordKind(
            "What is heard of a publisher", TypeAdapter(Activities), "serialization"
        ),
        "publisher": RecordKind("A publisher's scorecard", TypeAdapter(Publisher), "serialization"),
        "alert": RecordKind("An alert as it stands", TypeAdapter(Alert), "serialization"),
        "audit": RecordKind(
            "What was done about an alert", TypeAdapter(AuditEntry), "serialization"
        ),
        "backlog": RecordKind("A step of a backlog", TypeAdapter(BacklogStep), "serialization"),
        "storm": RecordKind("A word about a storm", storm_adapter, "serialization"),
        "receipt": RecordKind("A sink's answer", TypeAdapter(Receipt), "serialization"),
        "dead-letter": RecordKind(
            "A message that no sink took", TypeAdapter(DeadLetter), "serialization"
        ),
        "replay": RecordKind("A dead letter sent again", TypeAdapter(Replay), "serialization"),
        "command": RecordKind("An operator's word", TypeAdapter(Command), "validation"),
    }
)

RULES_FILE: Final = RecordKind("A rules file (TOML)", TypeAdapter(RulesFile), "validation")
"""What the record `rules` carries as text."""

ALERTING_FILE: Final = RecordKind("An alerts file (TOML)", TypeAdapter(AlertingFile), "validation")
"""Whom alerts tell, and how patiently."""
