"""What the figures of a backtest mean, in one sentence each."""

from typing import Final

_ALERT: Final = (
    "An episode of a delay that a person is told of by itself: not historic, not of the backlog,"
    " not inhibited by another alert of its subject. It counts when it is first told."
)
_RIGHT: Final = (
    "When it was told the milestone had not occurred, and by the end of the record it did, after"
    " its due."
)
_WRONG: Final = (
    "The milestone had occurred when it was told, and only the paper was late; or it occurred in"
    " time by a due that an operator moved."
)
_UNKNOWN: Final = "The record never tells when the milestone occurred."
_PRECISION: Final = (
    "Right, divided by right and wrong; of each grade at the moment an alert first had it."
)
_EARLINESS: Final = (
    "Of the right ones: so many days after the telling did the milestone truly occur."
)
_RECALL: Final = (
    "Of the milestones that truly occurred after their due, however little: the share of which an"
    " alert was told before they occurred."
)
_MATCHED: Final = (
    "Alerts about the same delay, subject, milestone, leg and hold are matched in order, the first"
    " with the first; so are the pages."
)

DEFINITIONS: Final = (
    ("alert", _ALERT),
    ("page", "An alert that is told as critical. It counts when it first is."),
    ("a day", "Divided by the days of the calendar that the record touches."),
    ("per night hour", "Divided by the hours of night in the record: one person is on call."),
    ("right", _RIGHT),
    ("wrong", _WRONG),
    ("unknown", _UNKNOWN),
    ("precision", _PRECISION),
    ("median earliness", _EARLINESS),
    ("recall", _RECALL),
    ("appear, vanish, move", _MATCHED),
)
"""The terms in the order in which a report uses them."""
