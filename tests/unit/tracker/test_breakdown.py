"""Which countries, agencies and publishers are named, and what the others count for."""

from datetime import timedelta

import msgspec
from prometheus_client import CollectorRegistry

from services.tracker.breakdown import NAMED, OTHER, UNKNOWN, Breakdown
from services.tracker.cards import Cards
from services.tracker.core.learnt import Silence
from services.tracker.core.publisher import Counts, Publisher
from services.tracker.ranked import Ranked
from tests.support.telling import BEGINNING, promise, shipment
from tests.unit.tracker.test_tally import OWN, Site

LATE, GRAVE, PROMISED = ("late", "warning"), ("late", "critical"), ("units", "promised")
HOUR = timedelta(hours=1)


def test_the_gravest_are_named_then_the_largest_and_the_others_are_summed() -> None:
    breakdown = Breakdown()
    for number in range(NAMED + 3):
        for _ in range(number + 1):
            breakdown.count(f"C{number:02d}", [(PROMISED, 1)], 1)
    breakdown.count("small", [(LATE, 1)], 1)
    breakdown.count("worst", [(GRAVE, 1)], 1)
    shown = breakdown.shown()
    assert list(shown)[:3] == ["worst", "small", "C12"]
    assert len(shown) == NAMED + 2
    assert shown[OTHER][PROMISED] == sum(range(1, 6))


def test_what_has_no_name_is_shown_apart_and_what_is_taken_away_leaves_nothing() -> None:
    breakdown = Breakdown()
    breakdown.count(None, [(LATE, 1)], 1)
    breakdown.count("EC", [(LATE, 1)], 1)
    assert breakdown.shown()[UNKNOWN][LATE] == 1
    for name in (None, "EC"):
        breakdown.count(name, [(LATE, 1)], -1)
    assert breakdown.shown() == {OTHER: {}, UNKNOWN: {}}
    assert not breakdown._sums


async def test_late_and_promised_by_country_and_agency() -> None:
    site = Site()
    late = shipment("EC-1").registered(vest=30, commitment="P", country="EC").planned("departed", 1)
    site.hear(promise("P").committed(90, vest=40))
    assert await site.tally.recount(OWN)
    for word in (*late.words, *late.seen(20).words[-1:]):
        site.hear_word(word)
    for _ in range(2):
        site.tally.show()
        assert site.read("subjects_late", kind="shipment", severity="critical") == 1
        assert site.read("subjects_late_by_country", country="EC", severity="critical") == 1
        assert site.read("subjects_late_by_agency", agency="US-DHS-HSI", severity="critical") == 1
        assert site.read("commitments_units_by_country", country="EC", stage="covered") == 30
        assert site.read("commitments_units_by_agency", agency=UNKNOWN, stage="promised") == 0
        assert site.read("publishers", silent="no") == 1
        assert site.read("publisher_reports", publisher="US-DHS-HSI") is not None
        assert await site.tally.recount(OWN)
    site.hear(late.departed(21))
    site.tally.show()
    assert site.read("subjects_late_by_country", country="EC", severity="critical") == 0


def publisher(code: str, **changes: object) -> Publisher:
    return msgspec.structs.replace(Publisher(code, BEGINNING), **changes)


def test_a_card_is_made_anew_when_the_scorecard_is_told() -> None:
    cards = Cards()
    first = publisher("US-FBI", counts=Counts(reports=1), changed=True)
    cards.observe(None, first)
    more = publisher("US-FBI", counts=Counts(4, 2, 1, 2, 0, 1), lags={"shipment/": (60, 120)})
    cards.observe(first, msgspec.structs.replace(more, changed=True))
    assert cards.shown()["US-FBI"].reports == 1
    cards.observe(msgspec.structs.replace(more, changed=True), more)
    card = cards.shown()["US-FBI"]
    assert (card.late_ratio, card.duplicate_ratio, card.correction_ratio) == (0.5, 0.5, 0.25)
    assert card.lag_seconds == {"0.5": 60, "0.9": 120}


def test_the_silent_come_first_then_the_latest_and_a_newer_card_stands() -> None:
    cards = Cards()
    silence = Silence(BEGINNING, BEGINNING, HOUR, HOUR, 3)
    for number in range(NAMED + 5):
        cards.observe(None, publisher(f"P{number:02d}", counts=Counts(9, 9, number)))
    cards.observe(None, publisher("hushed", silence=silence))
    cards.recovered(publisher("hushed"))
    assert list(cards.shown())[:2] == ["hushed", "P14"]
    assert len(cards.shown()) == NAMED
    assert cards.count() == (NAMED + 6, 1)


def test_names_that_are_shown_no_more_are_gone() -> None:
    registry = CollectorRegistry()
    ranked = Ranked(registry, "chasqui_tested", "For a test.", ("country",))
    ranked.show({("EC",): 1.0, ("PE",): 2.0})
    assert registry.get_sample_value("chasqui_tested", {"country": "PE"}) == 2
    ranked.show({("EC",): 3.0})
    assert registry.get_sample_value("chasqui_tested", {"country": "EC"}) == 3
    assert registry.get_sample_value("chasqui_tested", {"country": "PE"}) is None
