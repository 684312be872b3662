"""One process of the system under test: started, hurt and started again on the same disk."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

import httpx
import orjson

from services.cli.broker import free_port
from services.cli.child import Child

PAUSE = 0.05
STOPPED_WITHIN = timedelta(seconds=40)
READY_WITHIN = 90.0
SOON = 4.0


@dataclass(frozen=True)
class Exit:
    """How a process ended, and whether we had a hand in it."""

    name: str
    code: int
    ours: bool


class Member:
    """A service of ours with a state folder, ports and a log of its own."""

    def __init__(
        self, name: str, module: Sequence[str], folder: Path, env: Mapping[str, str]
    ) -> None:
        self.name = name
        self.disk = folder / name
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self.exits: list[Exit] = []
        self._module = module
        self._env = dict(env) | {
            "CHASQUI_STATE_DIR": str(self.disk),
            "CHASQUI_INSTANCE_ID": name,
            "CHASQUI_HTTP_PORT": str(self.port),
            "CHASQUI_METRICS_PORT": "0",
        }
        self._child: Child | None = None
        self.stopped = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **env: str) -> None:
        """Start it on its disk as that is; `env` is for this start alone."""
        assert self._child is None, f"{self.name} runs already"
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", *self._module]
            self._child = Child.start(command, output=log, env=self._env | env)

    def kill(self) -> None:
        """Wherever it is, by kill -9."""
        self._child_now().signal(SIGKILL)
        self.await_end(ours=True)

    def term(self) -> None:
        """SIGTERM, without waiting for the end."""
        self._child_now().signal(SIGTERM)

    def await_end(self, *, ours: bool, within: timedelta = STOPPED_WITHIN) -> int:
        """Wait until it has ended; answers its exit code."""
        code = self._child_now().wait(within)
        assert code is not None, f"{self.name} did not end within {within}: {self.last_words()}"
        self.exits.append(Exit(self.name, code, ours))
        self._child, self.stopped = None, False
        return code

    def end(self) -> int:
        """Stop it in good order; answers its exit code."""
        self.term()
        return self.await_end(ours=True)

    def pause(self) -> None:
        """SIGSTOP."""
        self._child_now().signal(SIGSTOP)
        self.stopped = True

    def resume(self) -> None:
        """SIGCONT."""
        self._child_now().signal(SIGCONT)
        self.stopped = False

    def wipe(self) -> None:
        """Lose the disk of a process that does not run."""
        assert self._child is None, f"{self.name} runs on that disk"
        shutil.rmtree(self.disk, ignore_errors=True)

    def fallen(self) -> int | None:
        """The exit code of a process that ended by itself; it may be started again then."""
        code = None if self._child is None else self._child.exit_code()
        if code is not None:
            self.await_end(ours=False)
        return code

    def ended_by_itself(self, within: float) -> bool:
        """Wait for that; it may be started again then."""
        until = time.perf_counter() + within
        while self.fallen() is None and time.perf_counter() < until:
            time.sleep(PAUSE)
        return not self.up

    def fell(self) -> bool:
        """Wait until it ends itself, soon after it is ready if at all."""
        return self._comes(lambda: self.fallen() is not None)

    def fell_asleep(self) -> bool:
        """Wait until it stops itself by SIGSTOP; it is to be resumed then."""
        return self._comes(self._asleep)

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.exit_code() is None

    @property
    def up(self) -> bool:
        """Whether it was started and not seen to end."""
        return self._child is not None

    def ready(self) -> bool:
        """Whether it says so."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def partitions(self) -> dict[int, bool]:
        """The partitions it has, and whether each is recovered."""
        try:
            told = httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return {int(n): bool(own["ready"]) for n, own in told.get("partitions", {}).items()}

    def seconds_to_ready(self, within: float = READY_WITHIN) -> float:
        """Wait until it is ready; the seconds since the call, which is to follow the start."""
        began = time.perf_counter()
        while time.perf_counter() - began < within:
            assert self.runs, f"{self.name} ended: {self.last_words()}"
            if self.ready():
                return time.perf_counter() - began
            time.sleep(PAUSE)
        raise AssertionError(f"{self.name} not ready within {within} s: {self.last_words()}")

    def says(self, text: str) -> int:
        """How often its log has it, over all its starts."""
        return self.log.read_text(errors="replace").count(text)

    def errors(self) -> list[str]:
        """The sentences of its log at level error or above."""
        found = []
        for line in self.log.read_bytes().splitlines():
            try:
                said = orjson.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict) and said.get("level") in {"error", "critical"}:
                found.append(str(said.get("event")))
        return found

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-1500:]

    def close(self) -> None:
        """End it, however it is."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _comes(self, what: Callable[[], bool]) -> bool:
        """Whether it comes, soon after the process is ready if not before."""
        until, ready = time.perf_counter() + READY_WITHIN, False
        while not what():
            if not ready and self.ready():
                ready, until = True, time.perf_counter() + SOON
            if time.perf_counter() > until:
                return False
            time.sleep(PAUSE)
        return True

    def _asleep(self) -> bool:
        command = ["ps", "-o", "stat=", "-p", str(self._child_now().pid)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        self.stopped = said.startswith("T")
        return self.stopped

    def _child_now(self) -> Child:
        assert self._child is not None, f"{self.name} does not run"
        return self._child
