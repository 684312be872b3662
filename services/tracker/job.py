"""The work of the tracker: which processors it has, and what they share."""

from schemas.topics import EVENTS, QUARANTINE
from services.runtime.job import Job, Observe
from services.tracker.known import KnownProcessor
from services.tracker.processors import MovementsProcessor


def create_job(
    processor: MovementsProcessor, partitions: int = 1, observe: Observe | None = None
) -> Job:
    """The work of the tracker, for the engine and for the in-memory driver."""
    return Job(
        "tracker",
        (processor,),
        partitions,
        QUARANTINE.full_name,
        EVENTS.full_name,
        observe,
        KnownProcessor(),
    )
