"""What else is known of a movement: whose, where to, with whom, how, and when last heard of."""

import pytest

from tests.support.hearing import hear
from tests.support.telling import CARRIER, OWNER, RECIPIENT, Story, shipment

vests = shipment().registered(vest=40)

CASES = [
    (
        "the agency is the owner as registered",
        "owner",
        shipment().registered(vest=1, owner="US-FBI"),
        "US-FBI",
    ),
    ("else who registered it", "owner", vests, OWNER),
    ("else nobody", "owner", shipment().departed(1, owner="US-FBI"), None),
    (
        "the country is that of the registration",
        "country",
        shipment().registered(vest=1, country="EC").handed_over(5, 1, country="PE"),
        "EC",
    ),
    (
        "else of the actual hand-over",
        "country",
        vests.handed_over(5, 1, country="EC").estimated("handed_over", 6, said=1, country="PE"),
        "EC",
    ),
    (
        "else of the newest estimate",
        "country",
        vests.estimated("handed_over", 6, said=2, country="EC")
        .estimated("handed_over", 6, said=1, country="PE")
        .planned("handed_over", 6, country="CO"),
        "EC",
    ),
    (
        "else of the newest plan",
        "country",
        vests.planned("handed_over", 6, said=0, country="PE").planned(
            "handed_over", 6, said=1, country="EC"
        ),
        "EC",
    ),
    (
        "else of the last arrived",
        "country",
        vests.arrived(4, leg=2, country="EC").arrived(5, leg=1, country="PE"),
        "EC",
    ),
    ("else unknown", "country", vests.departed(3, country="US"), None),
    (
        "the custodian is of the latest occurred that names one",
        "custodian",
        vests.arrived(4, custodian=RECIPIENT).departed(2, custodian=CARRIER, said=5),
        RECIPIENT,
    ),
    (
        "not of a plan",
        "custodian",
        vests.departed(2, custodian=CARRIER).planned("arrived", 9, custodian=RECIPIENT),
        CARRIER,
    ),
    (
        "nor of one that names nobody",
        "custodian",
        vests.departed(2, custodian=CARRIER).arrived(4),
        CARRIER,
    ),
    (
        "the mode is that of the leg's departure",
        "mode",
        shipment().registered(vest=1, mode="road").departed(1, mode="air").arrived(2, mode="sea"),
        "air",
    ),
    (
        "else of its arrival",
        "mode",
        shipment().registered(vest=1, mode="road").departed(1).arrived(2, mode="sea"),
        "sea",
    ),
    ("else as registered", "mode", shipment().registered(vest=1, mode="road").departed(1), "road"),
    (
        "of the current leg only",
        "mode",
        shipment()
        .registered(vest=1, legs=2)
        .departed(1, mode="air")
        .departed(2, leg=2, mode="sea"),
        "sea",
    ),
    (
        "the commitment is that of the registration",
        "commitment",
        shipment().registered(vest=1, commitment="C1").departed(1, commitment="C2"),
        "C1",
    ),
    (
        "else of the newest word that names one",
        "commitment",
        vests.departed(1, commitment="C1", said=3).arrived(2, commitment="C2"),
        "C1",
    ),
]


@pytest.mark.parametrize(
    ("name", "story", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_attribute(name: str, story: Story, expected: str | None) -> None:
    assert hear(story).movement[name] == expected


def last_contact(story: Story) -> object:
    return hear(story).movement["last_contact_at"]


def test_an_actual_is_a_contact_when_it_occurred() -> None:
    assert last_contact(vests.departed(2, said=5)) == "2026-01-03T00:00:00Z"


def test_a_plan_and_a_retraction_are_contacts_when_they_were_recorded() -> None:
    assert last_contact(vests.planned("departed", 9, said=3)) == "2026-01-04T00:00:00Z"
    story = vests.departed(2, name="D").retracts("D", said=4)
    assert last_contact(story) == "2026-01-05T00:00:00Z"


def test_a_retracted_contact_was_a_contact_all_the_same() -> None:
    story = vests.departed(8, name="D", said=8).retracts("D", said=8.5)
    assert last_contact(story) == "2026-01-09T12:00:00Z"


def test_operators_words_are_no_contact() -> None:
    story = vests.departed(2).rebaselined("handed_over", 20, at=9).accepted("short_delivery", 9)
    assert last_contact(story) == "2026-01-03T00:00:00Z"


def test_a_hold_is_shown_until_it_is_released() -> None:
    held = vests.held(3).held(2, reason="security").held(4, hold_id="H2")
    shown = hear(held).movement["holds"]
    assert [(hold["hold_id"], hold["reason"]) for hold in shown] == [
        ("H1", "security"),
        ("H2", "customs"),
    ]
    assert shown[0]["since"] == "2026-01-03T00:00:00Z"
    assert len(hear(held.released(1)).movement["holds"]) == 1
