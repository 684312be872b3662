"""What is measured of all alerts at a look, and counted between two states."""

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.alerts.core.policy import Step
from services.alerts.metrics import AlertsMetrics
from services.alerts.survey import Survey
from services.runtime.engine import Owned
from tests.unit.alerts.desk import Desk, delay

HOUR = timedelta(hours=1)
OLDEST = "chasqui_alert_oldest_unacknowledged_seconds"


class Whole:
    """An instance that owns all the states of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def owned(self) -> dict[int, Owned]:
        return {0: Owned(ready=True, recovered=0, to_recover=0)}

    def partition_of(self, key: bytes) -> int:
        del key
        return 0

    def scan(self, processor: str) -> Iterator[tuple[bytes, object]]:
        yield from self._desk.driver.states(processor)


def measured(desk: Desk) -> CollectorRegistry:
    registry = CollectorRegistry()
    survey = Survey(Whole(desk), frozenset({0}), desk.at, desk.policy)
    survey.measure(AlertsMetrics(registry))
    return registry


def test_the_oldest_that_waits_is_of_those_told_to_on_call_and_not_taken():
    desk = Desk()
    assert measured(desk).get_sample_value(OLDEST) == 0
    desk.hear(delay("conflict", milestone=None, severity="info"))
    desk.wait(2 * HOUR)
    assert measured(desk).get_sample_value(OLDEST) == 0
    desk.hear(delay(seq=2))
    desk.wait()
    desk.wait(HOUR)
    assert measured(desk).get_sample_value(OLDEST) == HOUR.total_seconds()
    desk.command("acknowledge", until="2026-03-03T00:00:00Z")
    assert measured(desk).get_sample_value(OLDEST) == 0


def test_open_alerts_are_counted_by_severity():
    desk = Desk()
    desk.hear(delay(severity="critical"))
    desk.command("acknowledge")
    registry = measured(desk)
    counts = [
        registry.get_sample_value("chasqui_alerts_open", {"severity": each})
        for each in ("info", "warning", "critical")
    ]
    assert counts == [0, 0, 1]


def test_what_is_given_up_is_counted_where_there_is_such_a_sink():
    registry = CollectorRegistry()
    metrics = AlertsMetrics(registry)
    for sink in ("log", "log", "nobody"):
        metrics.give_up(sink)
    labels = {"outcome": "given_up"}
    counted = [
        registry.get_sample_value("chasqui_notifications_total", labels | {"sink": sink})
        for sink in ("log", "webhook", "nobody")
    ]
    assert counted == [2, 0, None]


def test_what_is_told_again_is_counted_once_from_zero():
    registry = CollectorRegistry()
    metrics = AlertsMetrics(registry)
    desk = Desk(steps=(Step("warning", 1, HOUR),), remind_every={"warning": 2 * HOUR})

    def counted(how: str) -> float | None:
        return registry.get_sample_value("chasqui_alerts_pressed_total", {"how": how})

    assert (counted("escalated"), counted("reminded")) == (0, 0)
    desk.hear(delay())
    desk.wait()
    before = None
    for _ in range(4):
        desk.wait(HOUR)
        metrics.press(before, desk.book())
        before = desk.book()
    assert (counted("escalated"), counted("reminded")) == (1, 2)

    desk.hear(delay(does="cleared", seq=2), delay(seq=3))
    metrics.press(before, desk.book())
    assert desk.book().alerts[0].reminders == 0
    assert (counted("escalated"), counted("reminded")) == (1, 2)
