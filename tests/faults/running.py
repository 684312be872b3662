"""One run of one row: tell, hurt, heal, compare."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from random import Random

from tests.faults.checker import Checker
from tests.faults.findings import Findings
from tests.faults.ledger import Ledger
from tests.faults.member import Member
from tests.faults.sending import Sending
from tests.faults.shipments import Span, telling
from tests.faults.world import SPEED, Shape, World

_SENT_WITHIN = 120.0


@dataclass(frozen=True)
class Size:
    """How long and how much a run is."""

    seconds: float
    subjects: int


USUAL = Shape()
_PATIENCE = 60.0
SHORT = Size(8, 104)
LONG = Size(25, 520)


@dataclass
class Run:
    """What a row is given: the world under load, chance, and a place for what it finds."""

    world: World
    chance: Random
    size: Size
    sending: Sending
    findings: Findings = field(default_factory=Findings)

    @property
    def loaded(self) -> bool:
        """Whether events are still being sent."""
        return self.sending.going

    def wait(self, least: float, most: float) -> None:
        """Let a random time pass, in seconds, at most until the load ends."""
        until = time.perf_counter() + self.chance.uniform(least, most)
        while self.loaded and time.perf_counter() < until:
            time.sleep(0.02)

    @property
    def settled(self) -> bool:
        """Whether all that was to be late is late."""
        return self.world.clock.now() >= self.sending.telling.settled_at

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What it is about, each `kind/subject_id`."""
        return frozenset(each.subject for each in self.sending.telling.expected)

    def eventually(self, holds: Callable[[], bool], says: str) -> float:
        """Wait for what must come to hold; the seconds until it did."""
        began = time.perf_counter()
        while not holds():
            self.world.tend()
            if time.perf_counter() - began > _PATIENCE:
                self.demand(False, f"not within {_PATIENCE:.0f} s: {says}")
                break
            time.sleep(0.1)
        return time.perf_counter() - began

    def wait_for(self, comes: Callable[[], bool], most: float) -> None:
        """Let time pass until it comes, at most so many seconds and until the load ends."""
        until = time.perf_counter() + most
        while self.loaded and time.perf_counter() < until and not comes():
            time.sleep(0.01)

    def recovered(self, member: Member) -> None:
        """Note how long a member that was started just now takes to be ready."""
        self.findings.recoveries.append(member.seconds_to_ready())

    def count(self, what: str, by: float = 1) -> None:
        """Note a figure of the row."""
        self.findings.figures[what] = self.findings.figures.get(what, 0) + by

    def longest(self, what: str, seconds: float) -> None:
        """Note a figure of which the largest counts."""
        name = f"longest {what} s"
        before = self.findings.figures.get(name, 0.0)
        self.findings.figures[name] = max(before, round(seconds, 1))

    def demand(self, holds: bool, says: str) -> None:
        """Note what had to hold and did not."""
        if not holds:
            self.findings.violations.append(says)


def nothing_more(run: Run) -> None:
    """Of a row whose checks are those of all."""


@dataclass(frozen=True)
class Row:
    """A fault: its name, what must hold beside nothing lost and nothing doubled, what it does."""

    name: str
    must_hold: str
    act: Callable[[Run], None]
    shape: Shape = USUAL
    alone: bool = False
    """It needs a world of its own for each run."""
    long: Size = LONG
    short: Size = SHORT
    then: Callable[[Run], None] = nothing_more
    """What it looks at when all is as it must be."""


def run(world: World, checker: Checker, row: Row, seed: int, size: Size) -> Findings:
    """Let the row act under load; everything runs again when it is checked."""
    span = Span(world.clock.now(), timedelta(seconds=size.seconds * SPEED))
    told = telling(seed, size.subjects, span)
    path = world.folder / f"ledger-{row.name}-{seed}-{time.time_ns()}.ndjson"
    sending = Sending(told, path, seed)
    this = Run(world, Random(f"{row.name} {seed}"), size, sending)
    before = world.fallen()
    sending.start(world.edge.url, world.key, world.clock)
    try:
        row.act(this)
    finally:
        world.heal()
        left = sending.finish(_SENT_WITHIN)
    this.demand(left == 0, f"{left} events could not be sent in {_SENT_WITHIN:.0f} s")
    this.demand(not sending.impatient, f"{sending.impatient} answers 503 without Retry-After")
    while not this.settled:
        time.sleep(0.1)
    checker.check(Ledger.read(path), this.findings)
    row.then(this)
    for fallen, times in (world.fallen() - before).items():
        this.count(f"{fallen.name} ended by itself with {fallen.code}", times)
    return this.findings
