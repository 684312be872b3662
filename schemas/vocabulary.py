"""The closed word lists of the contract: every reader and writer takes them from here."""

from enum import StrEnum
from typing import Literal, get_args

Kind = Literal["shipment", "deployment", "commitment"]
MovementKind = Literal["shipment", "deployment"]
LateKind = Literal[Kind, "publisher"]
"""What a delay may be about."""
Classifier = Literal["planned", "estimated", "actual"]
Mode = Literal["air", "sea", "road", "rail", "inland_water"]
Priority = Literal["routine", "urgent", "emergency"]
RetractReason = Literal["did_not_occur", "incorrect_data"]

EventType = Literal[
    "registered",
    "ready",
    "departed",
    "arrived",
    "held",
    "released",
    "handed_over",
    "confirmed",
    "lost",
    "split",
    "merged",
    "completed",
    "returned",
    "cancelled",
    "seen",
    "committed",
    "rebaselined",
    "discrepancy_accepted",
    "preferred",
    "adopted",
    "reopened",
]

Reason = Literal[
    "customs",
    "documents",
    "security",
    "clearance_vetting",
    "weather",
    "infrastructure",
    "vehicle",
    "capacity",
    "not_ready",
    "consignee_unavailable",
    "address",
    "damage",
    "force_majeure",
    "other",
]

Milestone = Literal["ready", "departed", "arrived", "handed_over", "confirmed", "completed"]
"""In the order in which they prove each other; departed and arrived repeat by leg."""

ListedMilestone = Literal[Milestone, "returned"]
"""What a movement's view lists: a return is planned and reported like a milestone."""

State = Literal[
    "planned",
    "ready",
    "in_transit",
    "at_stop",
    "arrived",
    "partially_delivered",
    "delivered",
    "confirmed",
    "completed",
    "returned",
    "cancelled",
    "lost",
    "transferred",
]

CommitmentState = Literal[
    "unpromised", "promised", "covered", "handed_over", "confirmed", "cancelled"
]
"""How far a promise is with all of its lines; `unpromised` where only movements name it."""

Stage = Literal["promised", "covered", "moving", "handed_over", "confirmed"]
"""The words of the promise, in their order."""

Doubt = Literal[
    "conflict",
    "contradiction",
    "disputed",
    "inferred",
    "inversion",
    "over_delivered",
    "possible_duplicate",
    "unknown_line",
    "unregistered",
]

DelayName = Literal[
    "never_departed",
    "milestone_overdue",
    "delivery_overdue",
    "eta_slip",
    "dwell",
    "held",
    "silent",
    "publisher_silent",
    "short_delivery",
    "damage_loss",
    "unverified_delivery",
    "no_show",
    "overstay",
    "unplanned",
    "commitment_uncovered",
    "contradiction",
    "conflict",
    "disputed",
]
"""In the order in which delays of one moment are told."""

AcceptableDelay = Literal["short_delivery", "damage_loss", "no_show"]
ResolvableDoubt = Literal["conflict", "possible_duplicate"]
"""What an operator resolves by saying which report counts."""

CountedType = Literal["handed_over", "lost", "split", "merged"]
"""Of these only one publisher's reports count."""

Severity = Literal["info", "warning", "critical"]
Confidence = Literal["unreported", "likely"]
Because = Literal[
    "happened",
    "corrected",
    "replanned",
    "superseded",
    "cancelled",
    "lost",
    "transferred",
    "returned",
    "accepted",
]
"""Why a delay ended."""

AudienceName = Literal["on_call", "data_stewards"]
"""Who is to hear of an alert."""
AlertStatus = Literal["open", "acknowledged", "resolved"]
CommandName = Literal["acknowledge", "unacknowledge", "note"]
AuditAction = Literal[
    "raised",
    "changed",
    "inhibited",
    "released",
    "held_back",
    "sent",
    "parked",
    "replayed",
    "acknowledged",
    "unacknowledged",
    "noted",
    "ignored",
    "escalated",
    "reminded",
    "resolved",
]
AuditReason = Literal[
    "no_such_alert",
    "already_resolved",
    "already_over",
    "not_acknowledged",
    "nothing_changed",
    "repeated",
    "expired",
    "graver",
]
"""Why a command was ignored; of the last two, why an acknowledgement ended by itself."""
SinkOutcome = Literal["ok", "retry", "refused"]
ParkedBecause = Literal["refused", "given_up", "crowded_out"]
"""The sink will never take it, did not within a day, or not before newer ones needed the room."""

KINDS: tuple[Kind, ...] = get_args(Kind)
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
MILESTONES: tuple[Milestone, ...] = get_args(Milestone)
DELAY_NAMES: tuple[DelayName, ...] = get_args(DelayName)
STAGES: tuple[Stage, ...] = get_args(Stage)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

LEGGED: frozenset[str] = frozenset({"departed", "arrived"})
"""The milestones that have a leg; elsewhere a leg is accepted and ignored."""

OPERATORS_WORDS: frozenset[str] = frozenset(
    {"rebaselined", "discrepancy_accepted", "preferred", "adopted", "reopened"}
)
"""The types that only a source with the scope `operator` may say."""


class RefusalReason(StrEnum):
    """Why an event was not admitted; the same word in answers, headers, metrics and documents."""

    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    NAIVE_TIME = "naive_time"
    IMPLAUSIBLE_TIME = "implausible_time"
    FUTURE_ACTUAL = "future_actual"
    FUTURE_RECORDED = "future_recorded"
    BAD_QUANTITY = "bad_quantity"
    BAD_CODE = "bad_code"
    BAD_CHECK_DIGIT = "bad_check_digit"
    BAD_CLASSIFIER = "bad_classifier"
    NOT_ALLOWED = "not_allowed"
    PERSONAL_DATA = "personal_data"
    TOO_MANY_EVENTS = "too_many_events"
    CONFLICT = "conflict"
    BROKEN = "broken"
