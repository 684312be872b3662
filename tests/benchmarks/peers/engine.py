"""This engine."""

import os
from collections.abc import Collection
from datetime import datetime, timedelta
from signal import SIGTERM

from prometheus_client import CollectorRegistry

from services.runtime.app import ServiceApp, run
from services.runtime.clock import JournalClock
from services.runtime.engine import Engine
from services.runtime.job import Job
from services.runtime.metrics import RuntimeMetrics
from services.runtime.processor import ALL_KEYS, Codec, Outcome, Record, Shared
from services.runtime.settings import RuntimeSettings
from services.runtime.topics import TopicSpec
from tests.benchmarks.peers.events import PARTITIONS
from tests.benchmarks.peers.fold import State, decode, encode, fold
from tests.benchmarks.peers.heat import Heat, Marks


class StateCodec:
    """As every contestant that keeps bytes keeps them."""

    def encode(self, state: State) -> bytes:
        return encode(state)

    def decode(self, data: bytes) -> State:
        return decode(data)


class FoldProcessor:
    """The fold as a processor; with the last event it asks its process to end."""

    name = "fold"
    prefixes = ALL_KEYS
    codec: Codec[State] = StateCodec()

    def __init__(self, heat: Heat) -> None:
        self.topics: Collection[str] = (heat.topic,)
        self._alerts = heat.alerts
        self._marks = Marks(heat.events)

    def on_record(
        self, record: Record, state: State | None, shared: Shared, now: datetime
    ) -> Outcome[State]:
        self._marks.before()
        after, alert = fold(state, record.value or b"")
        if self._marks.after():
            os.kill(os.getpid(), SIGTERM)
        return Outcome(
            after, None, () if alert is None else (Record(self._alerts, record.key, alert),)
        )

    def on_deadline(
        self, key: bytes, state: State, shared: Shared, now: datetime
    ) -> Outcome[State]:
        raise NotImplementedError("nothing here has a deadline")


def main() -> None:
    heat = Heat.given()
    job = Job(heat.name, (FoldProcessor(heat),), PARTITIONS, f"{heat.name}.quarantine", heat.topic)
    settings = RuntimeSettings(
        kafka_bootstrap_servers=heat.kafka,
        partitions=PARTITIONS,
        state_dir=heat.folder,
        session_timeout=timedelta(seconds=30),
        log_level="WARNING",
    )
    metrics = RuntimeMetrics(CollectorRegistry(), job.name, job.inputs)
    topics = (TopicSpec(heat.alerts, PARTITIONS), TopicSpec(job.quarantine, PARTITIONS))
    engine = Engine(job, settings, JournalClock(), metrics, topics=topics)
    run(ServiceApp(job.name, settings, engine), settings)


if __name__ == "__main__":
    main()
