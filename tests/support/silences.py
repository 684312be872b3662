"""Deliveries of which nobody reported in time, and a tracker that learns from them."""

import orjson

from schemas.topics import ACTIVITY, DELAYS, EVENTS
from services.runtime.memory import MemoryDriver
from services.runtime.partition import BROADCAST_KEY
from services.runtime.processor import Record
from services.tracker.known import NOTHING_KNOWN, Known, KnownProcessor
from tests.support.hearing import aloud, in_order_heard, journal_record, tick_record, tracker_job
from tests.support.telling import OWNER, Json, Story, day, shipment


def vests(name: str, due: float, country: str = "EC", by: str = OWNER) -> Story:
    story = shipment(name).registered(vest=1, country=country, by=by)
    return story.planned("handed_over", due, by=by)


def delivered(story: Story, at: float, heard: float, by: str = OWNER) -> Story:
    return story.handed_over(at, 1, closed=True, heard=heard, by=by, name="H")


def truly_late(count: int, due: float = 10, silence: float = 5, **more: str) -> list[Story]:
    """Nobody reported for so many days, and then that they were late."""
    stories = [vests(f"LATE-{n}-{due}", due, **more) for n in range(count)]
    return [delivered(story, due + silence - 1, due + silence) for story in stories]


def paper_late(count: int, due: float = 10, silence: float = 3) -> list[Story]:
    """Nobody reported for so many days, and then that they had come in time."""
    stories = [vests(f"PAPER-{n}-{due}", due) for n in range(count)]
    return [delivered(story, due - 1, due + silence) for story in stories]


class Lived:
    """Stories as a tracker of several partitions heard them, and the journal as it became."""

    def __init__(self, *stories: Story, until: float, partitions: int = 1) -> None:
        self.driver = MemoryDriver(tracker_job(partitions=partitions))
        self.journal: list[Record] = []
        words = in_order_heard(stories)
        for hour in range(1, int(until * 24) + 1):  # as live, where each deadline has its tick
            at = day(0, hour)
            while words and words[0].heard_at <= at:
                word = words.pop(0)
                self._append(journal_record(word.event, word.heard_at))
            for number in range(partitions):
                self._append(tick_record(at, number))
        assert not self.driver.failures, self.driver.failures

    def _append(self, record: Record) -> None:
        written = self.driver.feed(record)
        self.journal.append(record)
        self.journal += [each for each in written if each.topic == EVENTS.full_name]

    def on(self, topic: str) -> list[Json]:
        return on(self.driver, topic)

    def said(self, subject_id: str, delay: str = "delivery_overdue") -> list[str]:
        return [aloud(each) for each in self.of(subject_id, delay)]

    def of(self, subject_id: str, delay: str = "delivery_overdue") -> list[Json]:
        told = self.on(DELAYS.full_name)
        return [x for x in told if (x["subject_id"], x["delay"]) == (subject_id, delay)]

    def taught(self) -> list[Json]:
        """What deliveries told publishers, in order."""
        said = self.on(ACTIVITY.full_name)
        return [each["delivery"] for each in said if "delivery" in each]

    @property
    def known(self) -> Known:
        return self.driver.state(KnownProcessor.name, BROADCAST_KEY) or NOTHING_KNOWN


def on(driver: MemoryDriver, topic: str) -> list[Json]:
    return [orjson.loads(r.value or b"") for r in driver.outputs if r.topic == topic]


def by_subject(driver: MemoryDriver) -> dict[str, list[Json]]:
    """Partitions are told one after the other, whose order says nothing."""
    told: dict[str, list[Json]] = {}
    for each in on(driver, DELAYS.full_name):
        told.setdefault(each["subject_id"], []).append(each)
    return told
