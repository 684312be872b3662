"""Scenarios, told once: each runs in memory and on a real Kafka, and must end the same."""

from typing import NamedTuple

from tests.support.telling import CARRIER, Story

LAST_DAY = 60


class Scenario(NamedTuple):
    """A story, the state in which it ends, and what was said of its delays, in order."""

    story: Story
    state: str
    said: tuple[str, ...]


def _shipment(name: str) -> Story:
    return Story("shipment", f"SCN-{name}")


def _deployment(name: str) -> Story:
    return Story("deployment", f"SCN-{name}")


def convoy() -> tuple[Story, ...]:
    """Three shipments whose carrier tells hourly where one of them is, stops, and comes back."""
    stories = [
        _shipment(f"CONVOY-{n}")
        .registered(vest=10)
        .planned("handed_over", 40)
        .departed(0.1, mode="rail", by=CONVOY)
        for n in range(3)
    ]
    for number, hour in enumerate((*range(4, 25), 36, 36.1, 36.2)):
        stories[number % 3] = stories[number % 3].seen(hour / 24, by=CONVOY)
    return tuple(story.handed_over(1.6, 10, closed=True, by=CONVOY) for story in stories)


CONVOY = "EC-CONVOY"
CONVOY_SAID = (
    "publisher_silent raised day 1.16667: critical",
    "publisher_silent cleared day 1.5, ended day 1.5: happened",
)

SCENARIOS = {
    "all goes right": Scenario(
        _shipment("RIGHT")
        .registered(vest=800)
        .planned("handed_over", 6)
        .ready(1)
        .departed(2, mode="air")
        .arrived(2.5)
        .handed_over(4, 800, closed=True)
        .confirmed(5, 800),
        "confirmed",
        (),
    ),
    "held in customs, then late, short and damaged, and told twice": Scenario(
        _shipment("CUSTOMS")
        .registered(vest=1200)
        .planned("handed_over", 6)
        .departed(2, mode="air")
        .arrived(2.5)
        .held(3)
        .released(9)
        .handed_over(10, 1150, damaged=40, missing=10, closed=True, name="H")
        .handed_over(10, 1150, damaged=40, missing=10, closed=True, name="H", heard=12),
        "delivered",
        (
            "held raised day 6: warning",
            "delivery_overdue raised day 7: warning unreported",
            "held cleared day 9, ended day 9: happened",
            "delivery_overdue cleared day 10, ended day 10: happened",
            "short_delivery raised day 10: warning",
            "damage_loss raised day 10: warning",
            "unverified_delivery raised day 40: info",
        ),
    ),
    "at sea in two legs, the last one reported out of order": Scenario(
        _shipment("SEA")
        .registered(ambulance=20, legs=2)
        .planned("handed_over", 15)
        .departed(1, mode="sea", silent_until=9)
        .arrived(9, by=CARRIER)
        .estimated("handed_over", 19, said=11)
        .handed_over(18, 20, closed=True, heard=21)
        .departed(13, leg=2, mode="road", heard=21.5)
        .confirmed(25, 20),
        "confirmed",
        (
            "eta_slip raised day 11: warning",
            "delivery_overdue raised day 16: warning unreported",
            "eta_slip cleared day 16, ended day 16: superseded",
            "dwell raised day 16: warning",
            "delivery_overdue cleared day 21, ended day 18: happened",
            "dwell cleared day 21, ended day 18: happened",
        ),
    ),
    "only the paper was late": Scenario(
        _shipment("PAPER")
        .registered(ambulance=10)
        .planned("departed", 4)
        .planned("handed_over", 40)
        .departed(4.5, mode="sea", heard=9)
        .handed_over(30, 10, closed=True)
        .confirmed(31, 10),
        "confirmed",
        (
            "never_departed raised day 5: warning",
            "never_departed cleared day 9, ended day 4.5: corrected",
            "silent raised day 18.5: warning",
            "silent cleared day 30, ended day 30: happened",
        ),
    ),
    "silent on the road, then heard of again": Scenario(
        _shipment("ROAD")
        .registered(logistics_vehicle=12)
        .planned("handed_over", 9)
        .departed(3, mode="road")
        .seen(4.5)
        .arrived(5)
        .handed_over(7, 9, damaged=3, closed=True, name="H")
        .revises("H", said=8, lines=[{"line": 1, "accepted": 12}])
        .confirmed(9, 12),
        "confirmed",
        (
            "silent raised day 3.5: warning",
            "silent cleared day 4.5, ended day 4.5: happened",
            "damage_loss raised day 7: critical",
            "damage_loss cleared day 8, ended day 7: corrected",
        ),
    ),
    "a hand-over that did not occur": Scenario(
        _shipment("RETRACTED")
        .registered(logistics_vehicle=8)
        .planned("handed_over", 8)
        .handed_over(7.5, 8, closed=True, name="H")
        .retracts("H", said=12),
        "planned",
        (
            "delivery_overdue raised day 12, late since day 9: warning unreported",
            "delivery_overdue changed, late since day 9: critical likely",
        ),
    ),
    "fifteen trainers of eighteen": Scenario(
        _deployment("TRAINERS")
        .registered(trainer=18)
        .planned("handed_over", 8)
        .planned("completed", 40)
        .handed_over(8, 15)
        .handed_over(13, 3, closed=True)
        .returned(50),
        "returned",
        (
            "no_show raised day 8.5: critical likely",
            "no_show cleared day 13, ended day 13: happened",
            "unverified_delivery raised day 43: info",
            "overstay raised day 43: info",
            "unverified_delivery cleared day 50, ended day 50: returned",
            "overstay cleared day 50, ended day 50: returned",
        ),
    ),
    "cancelled by its owner": Scenario(
        _deployment("CANCELLED")
        .registered(trainer=8)
        .planned("departed", 6)
        .planned("handed_over", 20)
        .cancelled(10, reason="capacity"),
        "cancelled",
        (
            "never_departed raised day 7: warning",
            "never_departed cleared day 10, ended day 10: cancelled",
        ),
    ),
    "split, and one half lost": Scenario(
        _shipment("SPLIT")
        .registered(radio=10)
        .planned("handed_over", 20)
        .split(5, 4, child="SCN-SPLIT-A")
        .lost(8, 6),
        "transferred",
        ("damage_loss raised day 8: critical",),
    ),
    "an operator moves the due day": Scenario(
        _shipment("REPLANNED")
        .registered(generator=2)
        .planned("handed_over", 10)
        .rebaselined("handed_over", 30, at=14)
        .handed_over(29, 2, closed=True)
        .confirmed(30, 2),
        "confirmed",
        (
            "delivery_overdue raised day 11: warning unreported",
            "delivery_overdue cleared day 14: replanned",
        ),
    ),
    "one event told in two ways": Scenario(
        _shipment("CONFLICT")
        .registered(scanner=1)
        .planned("handed_over", 20)
        .departed(5, mode="road", name="D")
        .departed(5, mode="air", name="D", heard=5.2)
        .departed(5, mode="air", name="D", revised=5.4)
        .handed_over(5.45, 1, closed=True)
        .confirmed(6, 1),
        "confirmed",
        (
            "conflict raised day 5.2, late since day 5: info",
            "conflict cleared day 5.4, ended day 5.4: corrected",
        ),
    ),
    "one hand-over told by two, and an operator says whose word counts": Scenario(
        _shipment("PREFERRED")
        .registered(ambulance=20)
        .planned("handed_over", 6)
        .handed_over(5, 18, closed=True)
        .handed_over(5, 20, closed=True, by=CARRIER, heard=5.5)
        .prefers("handed_over", CARRIER, at=7)
        .confirmed(8, 20),
        "confirmed",
        (
            "short_delivery raised day 5: critical",
            "short_delivery cleared day 7, ended day 7: corrected",
        ),
    ),
    "one event told in two ways, and an operator says which counts": Scenario(
        _shipment("CHOSEN")
        .registered(scanner=2)
        .planned("handed_over", 20)
        .handed_over(5, 2, closed=True, name="H")
        .handed_over(5, 1, closed=True, name="H", heard=5.5)
        .prefers_content(2, at=6)
        .confirmed(7, 2),
        "confirmed",
        (
            "conflict raised day 5.5, late since day 5: info",
            "conflict cleared day 6, ended day 6: corrected",
        ),
    ),
    "found at the port, and adopted": Scenario(
        _shipment("ADOPTED")
        .arrived(3, by=CARRIER, country="EC")
        .planned("handed_over", 5, said=3, by=CARRIER)
        .adopted(4, lines=[{"line": 1, "item": "ambulance", "quantity": 4, "unit": "H87"}])
        .handed_over(7, 4, closed=True),
        "delivered",
        (
            "delivery_overdue raised day 6: warning unreported",
            "dwell raised day 6: warning",
            "delivery_overdue cleared day 7, ended day 7: happened",
            "dwell cleared day 7, ended day 7: happened",
            "unverified_delivery raised day 37: info",
        ),
    ),
    "cancelled by mistake, reopened, and late again": Scenario(
        _shipment("REOPENED")
        .registered(ambulance=10)
        .planned("handed_over", 10)
        .cancelled(15, reason="capacity")
        .reopened(18)
        .handed_over(22, 10, closed=True)
        .confirmed(23, 10),
        "confirmed",
        (
            "delivery_overdue raised day 11: warning unreported",
            "delivery_overdue cleared day 15, ended day 15: cancelled",
            "delivery_overdue raised day 18, late since day 11: warning unreported",
            "delivery_overdue cleared day 22, ended day 22: happened",
        ),
    ),
}
