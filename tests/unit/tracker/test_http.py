"""What the tracker answers: known, not known, not yet, ask another."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import httpx
import orjson
from starlette.applications import Starlette

from services.runtime.engine import Owned
from services.runtime.memory import MemoryDriver
from services.tracker.buried import EventName, named
from services.tracker.core.movement import Movement
from services.tracker.http import create_http
from services.tracker.peers import FORWARDED, PeerAnswer
from tests.support.hearing import hear, rules_record
from tests.support.telling import OWNER, shipment

STORY = shipment("EC 1?").registered(vest=40).departed(2, name="D")
PATH = "/v1/movements/shipment/EC%201%3F"
READY, RECOVERING = Owned(ready=True, recovered=9, to_recover=9), Owned(False, 3, 9)


@dataclass
class Instance:
    """A tracker in memory that owns what it is said to own."""

    partitions: dict[int, Owned]
    driver: MemoryDriver = field(default_factory=lambda: hear(STORY).driver)

    @property
    def ready(self) -> bool:
        return all(own.ready for own in self.partitions.values())

    def owned(self) -> dict[int, Owned]:
        return self.partitions

    def partition_of(self, key: bytes) -> int:
        return 0

    def get(self, processor: str, key: bytes) -> Movement | None:
        return self.driver.state(processor, key)

    def scan(self, processor: str) -> Iterator[tuple[bytes, object]]:
        return iter(self.driver.states(processor))


@dataclass
class Neighbours:
    """Other instances that answer what they are told to answer."""

    answer: PeerAnswer | None = None
    asked: list[str] = field(default_factory=list)

    async def ask(self, partition: int, path: str) -> PeerAnswer | None:
        self.asked.append(path)
        return self.answer


class Graveyard(dict[EventName, Mapping[str, str]]):
    """What is in quarantine."""

    def find(self, name: EventName) -> Mapping[str, str] | None:
        return self.get(name)


class Asker:
    """Asks an application as a client over HTTP does, without a socket."""

    def __init__(self, application: Starlette) -> None:
        self._transport = httpx.ASGITransport(application)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, headers))

    def post(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, None))

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str] | None
    ) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://tracker") as one:
            return await one.request(method, path, headers=headers)


def client(
    partitions: dict[int, Owned], others: Neighbours | None = None, **buried: Mapping[str, str]
) -> Asker:
    graves = {EventName(OWNER, "shipment", "EC 1?", name): why for name, why in buried.items()}
    return Asker(create_http(Instance(partitions), others or Neighbours(), Graveyard(graves)))


def test_what_is_known_here_is_answered_here() -> None:
    answer = client({0: READY}).get(PATH)
    assert answer.status_code == 200
    assert answer.json() == hear(STORY).movement


def test_while_it_is_recovered_nobody_is_told_half_of_it() -> None:
    answer = client({0: RECOVERING}).get(PATH)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "3 of 9 records are recovered here"


def test_readiness_tells_how_far_the_recovery_is() -> None:
    answer = client({0: RECOVERING, 1: READY}).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["partitions"]["0"] == {"ready": False, "recovered": 3, "to_recover": 9}
    assert client({0: READY}).get("/readyz").status_code == 200
    assert client({0: RECOVERING}).get("/healthz").status_code == 200


def test_the_owner_is_asked_with_the_same_path() -> None:
    owner = Neighbours(PeerAnswer(200, b"{}", {"content-type": "application/json"}))
    answer = client({}, owner).get(PATH)
    assert (answer.status_code, answer.content) == (200, b"{}")
    assert owner.asked == [PATH]


def test_what_was_passed_on_is_not_passed_on_again() -> None:
    owner = Neighbours(PeerAnswer(200, b"{}", {}))
    assert client({}, owner).get(PATH, headers={FORWARDED: "1"}).status_code == 503
    assert owner.asked == []


def test_without_an_owner_one_comes_back_later() -> None:
    answer = client({}).get(PATH)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_known_before_buried_before_unknown() -> None:
    asking = client({0: READY}, D={"reason": "conflict"}, X={"reason": "bad_code"})
    path = f"/v1/events/{OWNER}/shipment/EC%201%3F/"
    told = {name: asking.get(path + name) for name in ("D", "X", "Y")}
    assert [answer.json()["status"] for answer in told.values()] == ["known", "buried", "unknown"]
    assert told["X"].json()["reason"] == "bad_code"
    assert told["Y"].status_code == 404
    assert "folded_until" not in told["Y"].json()


def test_of_an_estimate_that_may_be_folded_away_it_is_told_until_when() -> None:
    story = STORY
    for number in range(100):
        story = story.estimated("arrived", 9, said=3 + number / 100, name=f"E{number}")
    instance = Instance({0: READY}, hear(story).driver)
    asking = Asker(create_http(instance, Neighbours(), Graveyard()))
    said = asking.get(f"/v1/events/{OWNER}/shipment/EC%201%3F/E1").json()
    assert said["status"] == "unknown"
    assert said["folded_until"] > "2026-01-04"


def test_only_who_asks_is_answered() -> None:
    assert client({0: READY}).post(PATH).status_code == 405
    assert client({0: READY}).get("/v1/movements/shipment").status_code == 404


def test_what_is_buried_is_named_where_it_can_be_read() -> None:
    event = {"publisher": "P", "kind": "shipment", "subject_id": "S", "event_id": "E"}
    assert named(orjson.dumps(event)) == EventName("P", "shipment", "S", "E")
    for unreadable in (
        None,
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff",
        orjson.dumps(event | {"event_id": 7}),
    ):
        assert named(unreadable) is None


def test_the_rules_in_force_are_told() -> None:
    assert client({0: READY}).get("/v1/rules").json() == {"version": "1", "toml": None}
    assert client({0: RECOVERING}).get("/v1/rules").status_code == 503
    driver = hear(STORY).driver
    toml = 'version = "2"'
    driver.feed(rules_record(toml, 5))
    asked = Asker(create_http(Instance({0: READY}, driver), Neighbours(), Graveyard({})))
    assert asked.get("/v1/rules").json() == {"version": "2", "toml": toml}
