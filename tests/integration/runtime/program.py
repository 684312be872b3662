"""A process of its own that counts: `python -m tests.integration.runtime.program`."""

import os

from prometheus_client import CollectorRegistry

from services.runtime.app import ServiceApp, run
from services.runtime.clock import parse_clock
from services.runtime.engine import Engine
from services.runtime.job import Job
from services.runtime.metrics import RuntimeMetrics
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicSpec
from tests.unit.runtime.counting import Counter


def counting_on(name: str, partitions: int) -> Job:
    """The counting job on topics of its own."""
    counter = Counter(f"{name}.journal", f"{name}.counts")
    return Job(name, (counter,), partitions, f"{name}.quarantine", f"{name}.journal")


def topics_of(job: Job) -> tuple[TopicSpec, ...]:
    names = (job.journal, f"{job.name}.counts", job.quarantine)
    return tuple(TopicSpec(str(name), job.partitions) for name in names)


def main() -> None:
    settings = RuntimeSettings()
    job = counting_on(os.environ["COUNTING_NAME"], settings.partitions)
    metrics = RuntimeMetrics(CollectorRegistry(), job.name, job.inputs)
    clock = parse_clock(settings.clock)
    engine = Engine(job, settings, clock, metrics, topics=topics_of(job))
    run(ServiceApp(job.name, settings, engine), settings)


if __name__ == "__main__":
    main()
