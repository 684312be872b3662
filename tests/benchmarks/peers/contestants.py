"""Who takes part, how each is started, and where the states that it made safe are found."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers import safe
from tests.benchmarks.peers.heat import Heat

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PEERS = str(ROOT / ".venv-peers" / "bin" / "python")
JAVA = str(HERE / "java" / "target" / "libs" / "*")
JAR = str(HERE / "java" / "target" / "peers-1.jar")

States = Callable[[Heat], Iterable[bytes]]
"""The states of all keys, encoded."""


@dataclass(frozen=True)
class Contestant:
    """One that takes part."""

    name: str
    says: str
    """What a reader of the table must know of it."""
    command: tuple[str, ...]
    """Its heat's arguments come behind."""
    states: States
    alerts: Callable[[Heat], int] = safe.alerts
    share: float = 1
    """Of the events; less than 1 for who would take too long."""


def _own(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def _peer(module: str, *arguments: str) -> tuple[str, ...]:
    return (PEERS, "-m", f"tests.benchmarks.peers.{module}", *arguments)


def _streams(guarantee: str, interval_ms: int) -> tuple[str, ...]:
    return ("java", "-cp", f"{JAR}:{JAVA}", "peers.Contestant", guarantee, str(interval_ms))


_RAW = "tests.benchmarks.peers.raw"
_ENGINE = "tests.benchmarks.peers.engine"
CONTESTANTS = (
    Contestant("engine", "exactly once", _own(_ENGINE), safe.of_engine),
    Contestant(
        "engine-alo", "ordered, at least once",
        _own("tests.support.at_least_once", _ENGINE), safe.of_engine,
    ),
    Contestant("streams-alo", "at least once, each 1,000 ms",
               _streams("at_least_once", 1000), safe.of_streams),
    Contestant("streams-eos", "exactly once v2, each 100 ms",
               _streams("exactly_once_v2", 100), safe.of_streams),
    Contestant("quix", "states as values, at least once, each 1,000 ms",
               _peer("quix", "values"), safe.of_quix),
    Contestant("quix-bytes", "states as bytes that we encode, at least once, each 1,000 ms",
               _peer("quix", "bytes"), safe.of_quix),
    Contestant("bytewax", "recovery snapshots in SQLite, each 1,000 ms; no changelog",
               _peer("bytewax_flow"), safe.of_bytewax),
    Contestant("faust", "stock agent, at least once, each 1,000 ms",
               _own("tests.benchmarks.peers.faust_agent"), safe.of_faust, share=0.05),
    Contestant("raw-bytes", "limit: aiokafka, a dict of encoded states; nothing is safe",
               _own(_RAW, "bytes", "kafka"), safe.of_raw, safe.alerts_of_raw),
    Contestant("raw-objects", "limit: aiokafka, a dict of objects; nothing is safe",
               _own(_RAW, "objects", "kafka"), safe.of_raw, safe.alerts_of_raw),
    Contestant("fold-alone", "the fold without Kafka, a dict of objects",
               _own(_RAW, "objects", "alone"), safe.of_raw, safe.alerts_of_raw),
)  # fmt: skip
