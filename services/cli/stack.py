"""The services as processes that start together and stop in reverse order."""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple, Self

import httpx

from services.cli.child import Child
from services.cli.errors import CommandError

Hear = Callable[[str, str], None]
"""Takes a part's name and a line that it wrote."""

PAUSE = timedelta(milliseconds=100)
READY_WITHIN = timedelta(seconds=120)
STOPPED_WITHIN = timedelta(seconds=30)


class Part(NamedTuple):
    """One process of the stack."""

    name: str
    arguments: tuple[str, ...]
    """What follows `python -m`."""
    env: Mapping[str, str]
    ready_url: str
    """Answers 200 when it is ready."""


class Stack:
    """Runs the parts and hears what they say.

    Those who hear are called from a thread of each part.
    """

    def __init__(self, parts: Sequence[Part], hear: Hear) -> None:
        self._parts = parts
        self._hear = hear
        self._children: list[tuple[Part, Child, threading.Thread]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start every part and wait until all are ready; CommandError when one is not."""
        for part in self._parts:
            self._start(part)
        for part in self._parts:
            self._await_ready(part)

    def check(self) -> None:
        """CommandError when a part has ended by itself."""
        for part, child, _ in self._children:
            code = child.exit_code()
            if code is not None:
                raise CommandError(f"{part.name} ended by itself with exit code {code}.")

    def pids(self) -> Mapping[str, int]:
        """Return the process id of each part that was started, by name."""
        return {part.name: child.pid for part, child, _ in self._children}

    def stop(self) -> None:
        """Stop what runs, the last started first; one that does not obey in 30 s is killed."""
        while self._children:
            _, child, hearing = self._children.pop()
            child.end(STOPPED_WITHIN)
            hearing.join()

    def _start(self, part: Part) -> None:
        child = Child.start([sys.executable, "-m", *part.arguments], env=part.env)
        hearing = threading.Thread(target=self._listen, args=(part, child), daemon=True)
        self._children.append((part, child, hearing))
        hearing.start()

    def _listen(self, part: Part, child: Child) -> None:
        for line in child.output:
            self._hear(part.name, readable(line.decode("utf-8", "replace").rstrip()))
        child.output.close()

    def _await_ready(self, part: Part) -> None:
        for _ in range(READY_WITHIN // PAUSE):
            answers = _answers(part.ready_url)
            self.check()
            if answers:
                return
            time.sleep(PAUSE.total_seconds())
        raise CommandError(
            f"{part.name} was not ready within {READY_WITHIN}: see {part.ready_url}."
        )


def readable(line: str) -> str:
    """A log line as a person reads it; other lines as they are."""
    try:
        said = json.loads(line)
    except ValueError:
        return line
    if not isinstance(said, dict) or "event" not in said:
        return line
    at, level, event = said.pop("at", ""), str(said.pop("level", "")).upper(), said.pop("event")
    said.pop("logger", None)
    more = " ".join(f"{name}={value}" for name, value in said.items())
    return f"{str(at)[11:19]} {level:<7} {event} {more}".rstrip()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == HTTPStatus.OK
    except httpx.HTTPError:
        return False
