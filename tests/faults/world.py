"""The whole system on one machine: a real Kafka, an edge, trackers and alerts, each a process."""

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self

from schemas.topics import TOPICS
from services.cli.broker import EmbeddedBroker
from services.runtime.clock import parse_clock, pin_clock
from services.runtime.keys.file import add_source
from services.runtime.keys.source import EVERYTHING, Scope
from services.runtime.topics import TopicSpec, create_topics
from tests.faults.member import Exit, Member
from tests.faults.receiving import PATH, SECRET
from tests.integration.alerts.alertmanager import Alertmanager, alertmanager
from tests.integration.alerts.receiver import Receiver
from tests.support.telling import day

SPEED = 43_200
"""Half a day of business time in a second: deadlines of a day fall due in two."""
PARTITIONS = 4
SESSION = timedelta(seconds=3)


@dataclass(frozen=True)
class Shape:
    """How a world is made."""

    trackers: int = 2
    alerts: bool = True
    alertmanager: bool = False
    """Whether alerts are shown to a real Alertmanager too."""
    env: Mapping[str, str] = field(default_factory=dict)
    """For every service, on top of the usual."""
    through: tuple[str, ...] = ()
    """Modules of the tests in which trackers and alerts run, outermost first."""


class World:
    """Members that share a Kafka and a clock; entered, all of them are ready."""

    def __init__(self, folder: Path, shape: Shape | None = None) -> None:
        self.folder = folder
        self.shape = shape or Shape()
        self.broker = EmbeddedBroker(folder / "broker")
        self.hook = Receiver()
        self.people = Receiver()
        """Whom Alertmanager tells."""
        self.members: dict[str, Member] = {}
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._running.enter_context(self.broker)
            self._running.enter_context(self.hook.listening())
            self._running.enter_context(self.people.listening())
            self._prepare()
            if self.shape.alertmanager:
                self._running.enter_context(self.alertmanager.running())
            self._running.callback(self._close)
            for member in self.members.values():
                member.start()
            for member in self.members.values():
                member.seconds_to_ready()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    @property
    def edge(self) -> Member:
        return self.members["edge"]

    @property
    def alerts(self) -> Member:
        return self.members["alerts"]

    @cached_property
    def alertmanager(self) -> Alertmanager:
        """Its only peer."""
        return alertmanager(self.folder, self.people)

    @property
    def trackers(self) -> list[Member]:
        return [member for name, member in self.members.items() if name.startswith("tracker")]

    def add_tracker(self, name: str) -> Member:
        """One more tracker, not started yet; a name of an earlier one has its disk."""
        return self._add(name, *self.shape.through, "services.tracker")

    def add_reports(self) -> Member:
        """The second way in, not started yet; it answers nobody, so it is never seen ready."""
        return self._add("reports", "services.ingest", "kafka")

    def remove(self, member: Member) -> int:
        """End a member in good order and forget it; answers its exit code."""
        del self.members[member.name]
        return member.end()

    def tend(self) -> list[Exit]:
        """Start again what ended by itself, as an orchestrator does; answers how it ended."""
        fallen = []
        for member in self.members.values():
            if member.fallen() is not None:
                fallen.append(member.exits[-1])
                member.start()
        return fallen

    def fallen(self) -> Counter[Exit]:
        """All that ended by themselves so far, of those that are members still."""
        found = [fallen for member in self.members.values() for fallen in member.exits]
        return Counter(fallen for fallen in found if not fallen.ours)

    def heal(self) -> None:
        """Let everything run: what was stopped goes on, what does not run is started."""
        for member in self.members.values():
            if member.stopped:
                member.resume()
            member.fallen()
            if not member.up:
                member.start()

    def _prepare(self) -> None:
        specs = [TopicSpec.of(topic, PARTITIONS) for topic in TOPICS]
        create_topics(self.bootstrap, specs)
        sources, secret = self.folder / "sources.toml", self.folder / "webhook.secret"
        self.key = add_source(sources, "faults", (EVERYTHING,), scopes=tuple(Scope))
        secret.write_text(SECRET)
        each_alone = self.folder / "alerts.toml"
        each_alone.write_text("[storm]\n")  # every alert is to be told by itself
        self.clock_spec = pin_clock(f"{day(60).isoformat()} x{SPEED}")
        self.clock = parse_clock(self.clock_spec)
        self._env = {
            **os.environ,
            "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "CHASQUI_PARTITIONS": str(PARTITIONS),
            "CHASQUI_SESSION_TIMEOUT": f"PT{SESSION.total_seconds():g}S",
            "CHASQUI_CLOCK": self.clock_spec,
            "CHASQUI_SOURCES_FILE": str(sources),
            "CHASQUI_ALERTS_SINKS": "log,webhook",
            "CHASQUI_ALERTS_FILE": str(each_alone),
            "CHASQUI_ALERTS_SETTLE": "PT0.2S",
            "CHASQUI_ALERTS_WEBHOOK_URL": self.hook.url + PATH,
            "CHASQUI_ALERTS_WEBHOOK_STEWARDS_URL": self.hook.url + PATH,
            "CHASQUI_ALERTS_WEBHOOK_SECRET_FILE": str(secret),
            "CHASQUI_ALERTS_ALLOW_LOOPBACK_HTTP": "1",
            **self.shape.env,
        }
        if self.shape.alertmanager:
            self._env["CHASQUI_ALERTS_SINKS"] = "log,webhook,alertmanager"
            self._env["CHASQUI_ALERTS_ALERTMANAGER_URLS"] = self.alertmanager.url
            self._env["CHASQUI_ALERTS_RESEND"] = "PT0.5S"
        self._add("edge", "services.ingest", "http")
        for number in range(1, self.shape.trackers + 1):
            self.add_tracker(f"tracker-{number}")
        if self.shape.alerts:
            self._add("alerts", *self.shape.through, "services.alerts")

    def _add(self, name: str, *module: str) -> Member:
        self.members[name] = Member(name, module, self.folder, self._env)
        return self.members[name]

    def _close(self) -> None:
        for member in self.members.values():
            member.close()
