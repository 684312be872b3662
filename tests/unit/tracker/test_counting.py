"""What the tracker measures of the business, and of what it is sent."""

from prometheus_client import CollectorRegistry

from services.runtime.memory import MemoryDriver
from services.runtime.metrics import RuntimeMetrics
from services.tracker.job import create_job
from services.tracker.labels import labels_of
from services.tracker.metrics import TrackerMetrics
from services.tracker.processors import MovementsProcessor
from tests.support.hearing import hear, in_order_heard, journal_record
from tests.support.telling import Story, shipment

vests = shipment().registered(vest=40)


def counted(story: Story) -> CollectorRegistry:
    """What was counted of a story."""
    registry = CollectorRegistry()
    metrics = TrackerMetrics(registry, RuntimeMetrics(registry, "tracker", ()))
    driver = MemoryDriver(create_job(1, hear=metrics.observe))
    for word in in_order_heard([story]):
        driver.feed(journal_record(word.event, word.heard_at))
    return registry


def count(story: Story, name: str) -> float | None:
    return counted(story).get_sample_value(f"chasqui_{name}_total", {"service": "tracker"})


def test_duplicates() -> None:
    assert count(vests.departed(2, name="D").departed(2, name="D"), "events_duplicate") == 1
    assert count(vests.departed(2).departed(2), "events_duplicate") == 0


def test_words_older_than_the_one_that_stands() -> None:
    story = vests.departed(2, name="D", revised=4).departed(2, name="D", heard=5)
    assert count(story, "events_out_of_order") == 1


def test_late_is_what_happened_more_than_a_day_ago() -> None:
    assert count(vests.departed(2, heard=3), "events_late") == 0
    assert count(vests.departed(2, heard=3.1), "events_late") == 1
    assert count(vests.planned("departed", 2, heard=9), "events_late") == 0


def test_lines_of_items_that_the_catalogue_does_not_know() -> None:
    registry = counted(shipment().registered(vest=40, quadcopter=2))
    assert registry.get_sample_value("chasqui_unknown_items_total") == 1


def test_a_movement_counts_for_its_state_and_its_open_delays() -> None:
    account = hear(vests.planned("departed", 5).held(2), until=30)
    labels = labels_of(account.driver.state(MovementsProcessor.name, account.key))
    assert labels.movement == ("planned", "shipment")
    assert sorted(labels.delays) == [
        ("held", "critical"),
        ("never_departed", "critical"),
        ("unplanned", "info"),
    ]


def test_every_label_set_exists_from_the_start() -> None:
    registry = counted(vests)
    series = [sample for metric in registry.collect() for sample in metric.samples]
    assert len(series) < 500
    late = {"delay": "no_show", "severity": "critical"}
    assert registry.get_sample_value("chasqui_delays_open", late) == 0
