"""Time passes without records: ticks make what is due fire, at its own moment."""

import time

import orjson
import pytest

from schemas.times import parse, wire
from schemas.topics import DELAYS, EVENTS
from tests.integration.tracker.site import Site, eventually
from tests.support.telling import day, shipment

SPEED = 200_000


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted meanwhile"])
def test_a_deadline_fires_although_nothing_is_heard(site: Site, restarted: bool) -> None:
    clock = f"{wire(day(1))} x{SPEED} @{time.time():.3f}"
    tracker = site.tracker("disk", clock)
    tracker.await_ready()
    due = day(30) if restarted else day(5)
    site.publish(shipment("EC-1").registered(vest=40).planned("handed_over", due))
    if restarted:
        assert tracker.end() == 0
        site.tracker("disk", clock)

    eventually(lambda: len(_overdue(site)) == 2, "raised and critical without a record")
    raised, changed = _overdue(site)
    assert raised["raised_at"] == raised["late_since"]
    assert (raised["severity"], changed["severity"]) == ("warning", "critical")
    ticks = [r for r in site.read(EVENTS.full_name) if r.key is None]
    assert ticks
    for tick in ticks:
        said = orjson.loads(tick.value or b"")
        assert said["type"] == "tick"
        moment = int(dict(tick.headers)["at"])
        assert parse(said["at"]).timestamp() * 1000 == moment
    assert site.told() == site.undisturbed()


def _overdue(site: Site) -> list[dict[str, object]]:
    told = (orjson.loads(record.value or b"") for record in site.read(DELAYS.full_name))
    return [each for each in told if each["delay"] == "delivery_overdue"]
