"""A desk at which delays are heard and sinks answered, without Kafka and with the clock in hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from schemas.delays import delay_id
from schemas.times import wire
from schemas.topics import ALERTS, AUDIT, COMMANDS, DELAYS, RECEIPTS
from services.alerts.core.book import Book
from services.alerts.core.policy import Policy, Route
from services.alerts.job import create_job
from services.runtime.memory import MemoryDriver
from services.runtime.processor import Call, Record

START = datetime(2026, 3, 2, tzinfo=UTC)
LOG = Route("log")
SECOND = timedelta(seconds=1)


def delay(
    name: str = "delivery_overdue", does: str = "raised", seq: int = 1, **more: object
) -> dict[str, object]:
    """A record of the topic `delays` as the tracker writes it."""
    kind, subject = str(more.get("kind", "shipment")), str(more.get("subject_id", "EC-AMB-0017"))
    milestone, leg = more.get("milestone", "handed_over"), more.get("leg")
    hold, episode = more.get("hold_id"), int(str(more.get("episode", 1)))
    fields: dict[str, object] = {
        "type": f"delay_{does}",
        "delay_id": delay_id(name, kind, subject, milestone, leg, hold, episode),  # type: ignore[arg-type]
        "episode": episode,
        "seq": seq,
        "delay": name,
        "kind": kind,
        "subject_id": subject,
        "milestone": milestone,
        "leg": leg,
        "hold_id": hold,
        "late_since": "2026-03-02T00:00:00Z",
        "raised_at": "2026-03-02T00:00:00Z",
        "severity": "warning",
        "confidence": None,
        "country": "EC",
        "agency": "US-DHS-HSI",
        "commitment": None,
        "items": ["ambulance"],
        "due_at": None,
        "next_step": None,
        "historic": False,
        "backlog": False,
        "sentence": f"{name} of {subject}.",
        "evidence": {"rule": name, "rules_version": "1", "threshold": "PT24H", "events": []},
    }
    if does == "cleared":
        fields |= {
            "cleared_at": "2026-03-05T00:00:00Z",
            "ended_at": "2026-03-05T00:00:00Z",
            "because": "happened",
        }
    return fields | more


class Desk:
    """Alerts in memory; `at` is wall time and moves only when told."""

    def __init__(self, *routes: Route, **limits: object) -> None:
        self.policy = Policy(routes=routes or (LOG,), **limits)  # type: ignore[arg-type]
        self.driver = MemoryDriver(create_job(self.policy, partitions=2))
        self.at = START
        self._taken = 0
        self.driver.tick(self.at)

    def hear(self, *delays: dict[str, object]) -> None:
        for each in delays:
            key = f"{each['kind']}/{each['subject_id']}".encode()
            self.driver.feed(Record(DELAYS.full_name, key, msgspec.json.encode(each)), self.at)

    def command(self, word: str, delay_id: object = None, **more: object) -> None:
        """An operator's word, by default about the alert of `delay()`, said now."""
        said = {"command": word, "delay_id": delay_id or delay()["delay_id"], "by": "maria"}
        said |= {"at": wire(self.at)} | more
        key = str(said.pop("key", "shipment/EC-AMB-0017")).encode()
        self.driver.feed(Record(COMMANDS.full_name, key, msgspec.json.encode(said)), self.at)

    def wait(self, duration: timedelta = SECOND) -> None:
        self.at += duration
        self.driver.tick(self.at)

    def calls(self) -> list[Call]:
        """The calls made since last asked."""
        new = self.driver.calls[self._taken :]
        self._taken = len(self.driver.calls)
        return new

    def said(self) -> list[str]:
        """What was said since last asked, as `alert.opened delivery_overdue warning`."""
        return [_brief(call) for call in self.calls()]

    def answer(self, call: Call, outcome: str = "ok", **more: object) -> None:
        receipt = {"call_id": call.call_id, "sink": call.target, "outcome": outcome}
        receipt |= {"at": "2026-03-02T00:00:00Z"} | more
        value = msgspec.json.encode(receipt)
        self.driver.feed(Record(RECEIPTS.full_name, call.key, value), self.at)

    def answer_all(self) -> list[str]:
        """Take every call, until there are no more; answers what was said."""
        said = []
        while calls := self.calls():
            said += [_brief(call) for call in calls]
            for call in calls:
                self.answer(call)
        return said

    def book(self, key: str = "shipment/EC-AMB-0017") -> Book:
        state = self.driver.state("alerts", key.encode())
        assert isinstance(state, Book)
        return state

    def alerts(self) -> dict[str, dict[str, object]]:
        """The newest record of each alert, by its delay and episode."""
        written = [msgspec.json.decode(r.value or b"") for r in self.written(ALERTS.full_name)]
        alerts = [each for each in written if each["alert_id"] == each["delay_id"]]
        return {f"{each['delay']}/{each['episode']}": each for each in alerts}

    def audit(self) -> list[str]:
        return [str(entry["action"]) for entry in self.entries()]

    def entries(self) -> list[dict[str, object]]:
        """All that was written to the audit."""
        return [msgspec.json.decode(r.value or b"") for r in self.written(AUDIT.full_name)]

    def written(self, topic: str) -> Sequence[Record]:
        return [record for record in self.driver.outputs if record.topic == topic]


def _brief(call: Call) -> str:
    message = msgspec.json.decode(call.body)
    data = message["data"]
    return f"{message['type']} {data['delay']} {data['severity']}"


def sentences(desk: Desk) -> list[str]:
    """All that sinks are called with, each call answered, in order."""
    said = []
    while calls := desk.calls():
        said += [str(msgspec.json.decode(call.body)["data"]["sentence"]) for call in calls]
        for call in calls:
            desk.answer(call)
    return said
