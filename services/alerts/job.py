"""The work of alerts: which processors it has."""

from schemas.topics import QUARANTINE
from services.alerts.core.policy import Policy
from services.alerts.processors import Alerts, Digests
from services.runtime.job import Job, Observe


def create_job(policy: Policy, partitions: int, observe: Observe | None = None) -> Job:
    """The work of alerts, for the engine and for the in-memory driver; its time is wall time."""
    return Job(
        name="alerts",
        processors=(Alerts(policy), Digests(policy)),
        partitions=partitions,
        quarantine=QUARANTINE.full_name,
        observe=observe,
    )
