"""Sends a telling to the edge beside all else, each word at its moment, until it is taken."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import httpx
import orjson

from services.runtime.clock import Clock
from tests.faults.ledger import Writer
from tests.faults.shipments import Telling
from tests.support.telling import Json, Word

ROWS = 20
"""Of a request at most."""
ANSWERED_WITHIN = 10.0
_PAUSE = 0.02
_AGAIN = 0.5


class Sending:
    """A thread that writes the ledger, sends, and sends again what nobody answered for."""

    def __init__(self, telling: Telling, ledger: Path, seed: int) -> None:
        self.answers: Counter[int] = Counter()
        """By status; 0 where none came."""
        self.asked = 0
        """Requests that were begun."""
        self.impatient = 0
        """Answers 503 without Retry-After, which should not be."""
        self.acknowledged_at: list[float] = []
        """When each answer 202 came, by time.perf_counter."""
        self.telling = telling
        self._writer = Writer(ledger, seed)
        self._writer.expect(telling.expected)
        self._writer.promise(telling.promised)
        self._left = len(telling.words)
        self._given_up = threading.Event()

    def start(self, url: str, key: str, clock: Clock) -> None:
        """Begin to send to the edge at `url`."""
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._thread = threading.Thread(target=self._run, args=(url, headers, clock), daemon=True)
        self._thread.start()

    @property
    def going(self) -> bool:
        """Whether there is something left to send."""
        return self._left > 0 and self._thread.is_alive()

    def finish(self, within: float) -> int:
        """Wait for the end, at most so many seconds; answers how much was not sent."""
        self._thread.join(within)
        self._given_up.set()
        self._thread.join(2 * ANSWERED_WITHIN)
        self._writer.close()
        return self._left

    def _run(self, url: str, headers: dict[str, str], clock: Clock) -> None:
        with httpx.Client(headers=headers, timeout=ANSWERED_WITHIN, trust_env=False) as client:
            for words in self._requests(clock):
                events = [word.event for word in words]
                numbers = self._writer.send(events)
                while not self._taken(client, url, events, numbers):
                    if self._given_up.wait(_AGAIN):
                        return
                self._left -= len(words)

    def _requests(self, clock: Clock) -> Iterator[Sequence[Word]]:
        """What is to be said by now, at most so many words at a time."""
        words = iter(self.telling.words)
        while chunk := list(islice(words, ROWS)):
            while clock.now() < chunk[-1].heard_at and not self._given_up.is_set():
                time.sleep(_PAUSE)
            yield chunk

    def _taken(
        self, client: httpx.Client, url: str, events: list[Json], numbers: list[int]
    ) -> bool:
        """Whether the edge answered for these; the same request is sent until it does."""
        self.asked += 1
        try:
            answer = client.post(f"{url}/v1/events", content=orjson.dumps(events))
        except httpx.HTTPError:
            self.answers[0] += 1
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code == 503 and "retry-after" not in answer.headers:
            self.impatient += 1
        if answer.status_code in {429, 500, 503}:
            return False
        self._note(answer, numbers)
        return True

    def _note(self, answer: httpx.Response, numbers: list[int]) -> None:
        self.acknowledged_at.append(time.perf_counter())
        rows = answer.json().get("rows", []) if answer.status_code in {202, 422} else []
        accepted = [row["row"] for row in rows if row["outcome"] == "accepted"]
        self._writer.acknowledge(numbers[row - 1] for row in accepted)
        for number in set(range(1, len(numbers) + 1)) - set(accepted):
            self._writer.refuse(numbers[number - 1], answer.text[:300])
