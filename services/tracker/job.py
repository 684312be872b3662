"""The work of the tracker: which processors it has, and what they share."""

from schemas.topics import ACTIVITY, COMMITMENTS, EVENTS, PUBLISHERS, QUARANTINE
from services.runtime.job import Job, Observe
from services.tracker.core.rulebook import DEFAULT_BOOK, RuleBook
from services.tracker.known import KnownProcessor
from services.tracker.processors import (
    CommitmentsProcessor,
    Hear,
    MovementsProcessor,
    shown_commitment,
    unheard,
)
from services.tracker.publishers import PublishersProcessor, joined_activity, shown_publisher


def create_job(
    partitions: int = 1,
    observe: Observe | None = None,
    *,
    hear: Hear = unheard,
    book: RuleBook = DEFAULT_BOOK,
) -> Job:
    """The work of the tracker, for the engine and for the in-memory driver.

    `observe` is told of every change of a state, `hear` of every report's fate; `book` are the
    rules until others are applied.
    """
    return Job(
        name="tracker",
        processors=(
            MovementsProcessor(book, hear),
            CommitmentsProcessor(book, hear),
            PublishersProcessor(partitions, book),
        ),
        partitions=partitions,
        quarantine=QUARANTINE.full_name,
        journal=EVENTS.full_name,
        observe=observe,
        broadcast=KnownProcessor(),
        joins={
            ACTIVITY.full_name: joined_activity,
            COMMITMENTS.full_name: shown_commitment,
            PUBLISHERS.full_name: shown_publisher,
        },
    )
