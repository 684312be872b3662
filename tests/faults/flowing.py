"""How long it takes until an event flows through again, by each way in."""

import time
from collections.abc import Callable

import httpx
import orjson
from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.topics import FIELD_REPORTS, MOVEMENTS
from tests.faults.member import PAUSE
from tests.faults.topics import Reader
from tests.faults.world import PARTITIONS, World
from tests.support.telling import Story, shipment

_WITHIN = 120.0
_ANSWER = 10.0


class Flow:
    """Says something new and waits until a reader of committed records reads what it means."""

    def __init__(self, world: World) -> None:
        """To be made before the fault, so that only what is new is read after it."""
        self._world = world
        self._movements = Reader(world.bootstrap, MOVEMENTS.full_name, PARTITIONS)
        self._movements.more()

    def seconds(self) -> float:
        """Until an event of each way in is on `movements`, and members that end start again."""
        began = time.perf_counter()
        wanted = {self._said(self._over_http)}
        if "reports" in self._world.members:
            wanted.add(self._said(self._over_kafka))
        while wanted:
            assert time.perf_counter() - began < _WITHIN, f"{wanted} is not on movements"
            self._world.tend()
            wanted -= {record.key for record in self._movements.more()}
        return time.perf_counter() - began

    def answer(self) -> httpx.Response | None:
        """What the edge says to something new; None where it says nothing."""
        return self._asked(orjson.dumps(self._story().words[0].event))

    def close(self) -> None:
        self._movements.close()

    def _said(self, way: Callable[[bytes], bool]) -> bytes:
        """Say it until it is taken; answers its key."""
        story = self._story()
        began = time.perf_counter()
        while not way(orjson.dumps(story.words[0].event)):
            assert time.perf_counter() - began < _WITHIN, f"{story.key!r} is not taken"
            self._world.tend()
            time.sleep(PAUSE)
        return story.key

    def _story(self) -> Story:
        return shipment(f"FLOW-{time.time_ns()}").registered(at=self._world.clock.now(), radio=1)

    def _over_http(self, event: bytes) -> bool:
        answer = self._asked(event)
        return answer is not None and answer.status_code == 202

    def _asked(self, event: bytes) -> httpx.Response | None:
        url, key = f"{self._world.edge.url}/v1/events", f"Bearer {self._world.key}"
        headers = {"authorization": key, "content-type": "application/json"}
        try:
            return httpx.post(url, content=event, headers=headers, timeout=_ANSWER, trust_env=False)
        except httpx.HTTPError:
            return None

    def _over_kafka(self, event: bytes) -> bool:
        producer = KafkaProducer(bootstrap_servers=self._world.bootstrap)
        try:
            headers = [("key", self._world.key.encode())]
            sent = producer.send(FIELD_REPORTS.full_name, event, headers=headers)
            sent.get(timeout=_ANSWER)
        except KafkaError:
            return False
        finally:
            producer.close(timeout=1)
        return True
