"""The demo's story: a promise of equipment and people to Ecuador, in a little under four weeks.

`story()` gives every event with the moment at which its source gets to send it, and the way.
Days count from `DAY_0`; 2.5 is noon of the third day. What is told here goes right, late, missing,
held in customs, twice, out of order, corrected and retracted; one message is no event at all.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

DAY_0 = datetime(2026, 1, 5, tzinfo=UTC)
LAST_DAY = 26.0
PROMISE = "US-EC-2026-014"
POISON = b'{"kind": "shipment", "subject_id": "EC-VEST-0102", "type": "arr'

FBI, HSI, USSS, CISA = "US-FBI", "US-DHS-HSI", "US-DHS-USSS", "US-DHS-CISA"
POLICE, CARRIER = "EC-PN", "EC-TRANSANDES"

QUITO = {"country": "EC", "unlocode": "ECUIO", "name": "Quito"}
GUAYAQUIL = {"country": "EC", "unlocode": "ECGYE", "name": "Guayaquil"}
TULCAN = {"country": "EC", "name": "Tulcan"}
MIAMI = {"country": "US", "unlocode": "USMIA", "name": "Miami"}

Event = dict[str, Any]


class Sending(NamedTuple):
    """What is sent, the day on which its source sends it, and the way: `http` or `kafka`."""

    day: float
    way: str
    event: Event | bytes

    @property
    def value(self) -> bytes:
        """The event as it goes over the wire; bytes that are no event go as they are."""
        return self.event if isinstance(self.event, bytes) else json.dumps(self.event).encode()


def at(day: float) -> str:
    """A day of the story as a moment on the wire."""
    return (DAY_0 + timedelta(days=day)).isoformat().replace("+00:00", "Z")


class Subject:
    """One movement of the story, told by its agency unless somebody else is named."""

    def __init__(self, kind: str, subject_id: str, agency: str, way: str = "http") -> None:
        self._base = {"kind": kind, "subject_id": subject_id}
        self._agency = agency
        self._way = way
        self.sendings: list[Sending] = []

    def tells(
        self, word: str, day: float, sent: float | None = None, *, by: str = "", **more: Any
    ) -> Event:
        """Something that happened on `day`, written down then and sent on `sent`."""
        sent = day + 0.1 if sent is None else sent
        event = {
            "event_id": f"{word}-{len(self.sendings) + 1}",
            "publisher": by or self._agency,
            **self._base,
            "type": word,
            "classifier": "actual",
            "occurred_at": at(day),
            "recorded_at": at(min(day + 0.02, sent)),
            **more,
        }
        self.sendings.append(Sending(sent, self._way, event))
        return event

    def plans(self, word: str, day: float, **more: Any) -> None:
        """A plan, made on the first day of the story."""
        self.tells(word, day, 0.1, classifier="planned", **(more | {"recorded_at": at(0.05)}))

    def registers(self, item: str, quantity: int, due: float, **more: Any) -> None:
        """What is promised, and the day on which it is due."""
        unit = "IE" if self._base["kind"] == "deployment" else "H87"
        line = {"line": 1, "item": item, "quantity": quantity, "unit": unit}
        extra = {"lines": [line], "location": QUITO, "refs": {"commitment": PROMISE}}
        self.tells("registered", 0.0, **(extra | more))
        self.plans("handed_over", due)

    def hands_over(self, day: float, sent: float | None = None, **line: Any) -> Event:
        """Custody goes to the recipient; no more will follow unless `closed` says so."""
        more = {key: line.pop(key) for key in ("by", "closed", "event_id") if key in line}
        return self.tells(
            "handed_over", day, sent, lines=[{"line": 1, **line}], **({"closed": True} | more)
        )


def vests_in_time() -> Subject:
    """800 vests by air: all goes right, and nobody is woken."""
    s = Subject("shipment", "EC-VEST-0101", FBI)
    s.registers("vest", 800, due=6.0)
    s.tells("ready", 1.0)
    s.tells("departed", 2.0, mode="air", location=MIAMI, parties={"custodian": "US-AIRLIFT"})
    s.tells("arrived", 2.5, location=QUITO)
    s.hands_over(4.0, accepted=800)
    s.tells("confirmed", 5.0, by=POLICE, lines=[{"line": 1, "accepted": 800}])
    return s


def vests_in_customs() -> Subject:
    """1,200 vests by air: held in customs, late, short, damaged, and told twice."""
    s = Subject("shipment", "EC-VEST-0102", HSI)
    s.registers("vest", 1200, due=6.0)
    s.tells("departed", 2.0, mode="air", location=MIAMI, parties={"custodian": "US-AIRLIFT"})
    s.tells("arrived", 2.6, location=QUITO)
    s.tells("held", 3.0, hold_id="H1", reason="customs")
    s.tells("released", 9.0, hold_id="H1")
    late = s.hands_over(10.0, accepted=1150, damaged=40, missing=10)
    s.sendings += [Sending(10.4, "http", late), Sending(12.0, "kafka", late)]
    return s


def ambulances_at_sea() -> Subject:
    """20 ambulances by sea and road: the estimate slips, and the last leg is reported offline."""
    s = Subject("shipment", "EC-AMB-0017", HSI)
    s.registers("ambulance", 20, due=15.0, legs=2, priority="urgent")
    s.plans("departed", 1.0)
    s.tells("departed", 1.0, mode="sea", location=MIAMI, silent_until=at(9.0))
    s.tells("arrived", 9.5, location=GUAYAQUIL, parties={"custodian": CARRIER})
    s.tells("handed_over", 19.0, 11.0, classifier="estimated", recorded_at=at(10.9))
    s.tells("handed_over", 17.0, 15.5, classifier="estimated", recorded_at=at(15.4))
    s.hands_over(18.0, 21.0, accepted=20)
    s.tells("departed", 13.0, 21.1, leg=2, mode="road", location=GUAYAQUIL)
    return s


def ambulances_on_paper() -> Subject:
    """10 ambulances that seem never to have left: only the paper was late."""
    s = Subject("shipment", "EC-AMB-0018", HSI, way="kafka")
    s.registers("ambulance", 10, due=30.0)
    s.plans("departed", 4.0)
    s.tells("departed", 4.2, 9.0, mode="sea", location=MIAMI, silent_until=at(25.0))
    return s


def trucks_unheard() -> Subject:
    """12 logistics vehicles by road: silent, heard again, handed over, and told wrongly once."""
    s = Subject("shipment", "EC-LOGV-0031", FBI, way="kafka")
    s.registers("logistics_vehicle", 12, due=9.0)
    s.tells("departed", 3.0, mode="road", location=TULCAN, parties={"custodian": CARRIER})
    s.tells("seen", 4.6, by=CARRIER, location={"country": "EC", "name": "Ibarra"})
    s.tells("arrived", 5.0, location=QUITO)
    wrong = s.hands_over(7.0, accepted=9, damaged=3)
    revised = wrong | {"recorded_at": at(8.0), "revised_at": at(8.0)}
    right = revised | {"lines": [{"line": 1, "accepted": 12}]}
    s.sendings.append(Sending(8.1, "kafka", right))
    return s


def trucks_retracted() -> Subject:
    """8 logistics vehicles: a hand-over that did not occur is retracted, and then it is late."""
    s = Subject("shipment", "EC-LOGV-0032", USSS)
    s.registers("logistics_vehicle", 8, due=8.0)
    s.tells("departed", 3.0, mode="road", location=TULCAN)
    s.tells("arrived", 3.4, location=QUITO)
    wrong = s.hands_over(7.5, accepted=8)
    names = ("event_id", "publisher", "kind", "subject_id", "type")
    retraction = {name: wrong[name] for name in names}
    retraction |= {"retracted": True, "retract_reason": "did_not_occur", "recorded_at": at(12.0)}
    s.sendings.append(Sending(12.1, "http", retraction))
    return s


def vests_missing() -> Subject:
    """1,000 vests of which nothing is heard: a warning first, then likely true."""
    s = Subject("shipment", "EC-VEST-0104", USSS)
    s.registers("vest", 1000, due=4.0)
    return s


def trainers() -> Subject:
    """18 trainers: fifteen report for duty on the day, three come later."""
    s = Subject("deployment", "EC-TRN-0001", FBI)
    s.registers("trainer", 18, due=8.0)
    s.tells("ready", 4.0)
    s.tells("departed", 7.0, mode="air", location=MIAMI)
    s.tells("arrived", 7.3, location=QUITO)
    s.hands_over(8.0, accepted=15, closed=False)
    s.hands_over(13.0, accepted=3)
    s.tells("confirmed", 14.0, by=POLICE, lines=[{"line": 1, "accepted": 18}])
    return s


def instructors_in_time() -> Subject:
    """4 instructors who arrive, report for duty and are confirmed: nobody is woken."""
    s = Subject("deployment", "EC-INS-0001", HSI)
    s.registers("instructor", 4, due=11.0)
    s.tells("departed", 10.0, mode="air", location=MIAMI)
    s.hands_over(10.5, accepted=4)
    s.tells("confirmed", 11.0, by=POLICE, lines=[{"line": 1, "accepted": 4}])
    return s


def cyber_team() -> Subject:
    """6 cyber-security specialists wait for their clearance, and only five of them come."""
    s = Subject("deployment", "EC-CYB-0001", CISA)
    s.registers("cyber_team", 6, due=16.0)
    s.tells("held", 2.0, hold_id="VISA", reason="clearance_vetting")
    s.tells("released", 8.0, hold_id="VISA")
    s.tells("departed", 15.0, mode="air", location=MIAMI)
    s.hands_over(16.0, accepted=5, closed=False)
    return s


def trainers_cancelled() -> Subject:
    """8 trainers who should have left, until their agency cancels."""
    s = Subject("deployment", "EC-TRN-0002", USSS)
    s.registers("trainer", 8, due=20.0)
    s.plans("departed", 6.0)
    s.tells("cancelled", 10.0, reason="capacity")
    return s


def wrong_clock() -> Subject:
    """A source whose clock runs two days ahead: refused, and told the right time."""
    s = Subject("shipment", "EC-VEST-0101", FBI)
    s.tells("seen", 14.0, 12.0, recorded_at=at(12.0))
    return s


SUBJECTS = (
    vests_in_time,
    vests_in_customs,
    ambulances_at_sea,
    ambulances_on_paper,
    trucks_unheard,
    trucks_retracted,
    vests_missing,
    trainers,
    instructors_in_time,
    cyber_team,
    trainers_cancelled,
    wrong_clock,
)


def story() -> list[Sending]:
    """All sendings in the order in which they are sent."""
    return sorted(_all(), key=lambda sending: sending.day)


def _all() -> Iterator[Sending]:
    yield Sending(11.5, "kafka", POISON)
    for tell in SUBJECTS:
        yield from tell().sendings
