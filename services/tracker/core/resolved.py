"""What operators make of what was said: a content that counts, an end that is none.

A function of the set of events: a decision may come before what it is about.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from services.tracker.core.events import DIGEST_BYTES, Report
from services.tracker.core.merge import History, Register

RESOLVING = frozenset({"preferred", "reopened"})
"""Words for which a history is looked at again."""

VOIDED_CONFIRMED = "voided_confirmed"
"""A confirmation before a reopening: of it only the quantities stand."""
_VOIDED = {
    "cancelled": "voided_cancelled",
    "confirmed": VOIDED_CONFIRMED,
    "completed": "voided_completed",
    "returned": "voided_returned",
}
"""What ends a movement, and the word, which proves nothing, that a reopening makes of it."""

_Choices = Mapping[tuple[str, str], str]
"""The head of the hash that is to count, by identity."""


def resolved(history: History) -> History:
    """The history as its live operators' words have it."""
    choices = dict(_choices(history))
    chosen = tuple(_chosen(register, choices) for register in history.registers)
    history = msgspec.structs.replace(history, registers=chosen)
    reopenings = (r.happened_at for r in history.live() if r.type == "reopened")
    reopened_at = max(reopenings, default=None)
    if reopened_at is None:
        return history
    voided = tuple(_voided(register, reopened_at) for register in chosen)
    return msgspec.structs.replace(history, registers=voided)


def _choices(history: History) -> Iterator[tuple[tuple[str, str], str]]:
    """From the oldest to the newest word, of which the newest counts."""
    for report in history.live():
        choice = report.counts
        if choice is not None and choice.event_id is not None and choice.content is not None:
            yield (choice.publisher, choice.event_id), choice.content[: 2 * DIGEST_BYTES]


def _chosen(register: Register, choices: _Choices) -> Register:
    """The register with the content that counts, and no longer in doubt; else as it is."""
    head = choices.get((register.report.publisher, register.report.event_id))
    if head is None or not register.rivals:
        return register
    for content in register.told:
        if content.digest.hex() == head:
            return Register(content.report, content.digest, (), register.firsts)
    return register


def _voided(register: Register, reopened_at: datetime) -> Register:
    """The register without what it said to end the movement up to then."""
    report = register.report
    if report.retracted or report.classifier != "actual" or report.happened_at > reopened_at:
        return register
    return msgspec.structs.replace(register, report=_open(report))


def _open(report: Report) -> Report:
    if report.closed:
        return msgspec.structs.replace(report, closed=False)
    word = _VOIDED.get(report.type)
    return report if word is None else msgspec.structs.replace(report, type=word)
