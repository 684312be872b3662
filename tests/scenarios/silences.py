"""Past silences, told once: an agency whose late papers meant late goods, and one delivery more."""

from tests.support.telling import Story

LATE = "US-LATE"


def _delivery(name: str, due: float) -> Story:
    story = Story("shipment", f"SCN-{name}").registered(vest=10, country="EC", by=LATE)
    return story.planned("handed_over", due, by=LATE)


STORIES = (
    *(
        _delivery(f"SILENT-{number}", 3).handed_over(6, 10, closed=True, heard=7, by=LATE)
        for number in range(3)
    ),
    _delivery("BELIEVED", 20),
)
"""All is heard some hours before it counts: so it counts wherever partitions are read."""

SAID: dict[str, tuple[str, ...]] = {
    "shipment/SCN-SILENT-0": (
        "delivery_overdue raised day 4: warning unreported",
        "delivery_overdue cleared day 7, ended day 6: happened",
        "unverified_delivery raised day 36: info",
    ),
    "shipment/SCN-BELIEVED": ("delivery_overdue raised day 20: critical likely",),
}
"""What is said of delays, by subject."""

BECAUSE = (
    "Of the last 3 times US-LATE was silent this long about a delivery to EC, 3 were truly late."
)
