"""A publisher that stops: the scenario told on a real Kafka, where silence needs time to pass."""

import time
from dataclasses import replace

import orjson

from schemas.publishers import KEY
from schemas.times import wire
from schemas.topics import ACTIVITY, DELAYS, EVENTS, PUBLISHERS
from tests.integration.tracker.site import Site, eventually
from tests.scenarios.stories import CONVOY, convoy
from tests.support.telling import Json, Story, day

SPEED = 1_000
STOPS = day(1)


def test_a_publisher_that_stops_is_one_alert_and_the_journal_tells_it_again(site: Site) -> None:
    site.publish(*(_heard(story, until_it_stops=True) for story in convoy()))
    tracker = site.tracker("disk", f"{wire(STOPS)} x{SPEED} @{time.time():.3f}")
    tracker.await_ready()

    eventually(lambda: len(_said(site)) == 1, "raised although no record comes")
    [raised] = _said(site)
    assert (raised["subject_id"], raised["severity"]) == (CONVOY, "critical")
    # Its usual interval depends on the order in which two partitions were heard of.
    assert "2026-01-02T04:00:00Z" <= str(raised["late_since"]) <= "2026-01-02T12:00:00Z"
    site.publish(*(_heard(story, until_it_stops=False) for story in convoy()))
    eventually(lambda: len(_said(site)) == 2, "cleared when it comes back")
    assert (_said(site)[1]["type"], _said(site)[1]["because"]) == ("delay_cleared", "happened")

    scorecards = [r for r in site.read(PUBLISHERS.full_name) if r.key == f"{KEY}{CONVOY}".encode()]
    shown = [orjson.loads(each.value or b"")["silent_since"] for each in scorecards]
    assert raised["late_since"] in shown
    assert tracker.end() == 0
    assert site.told() == site.undisturbed()
    early = [d for d in _delays(site) if d["delay"] == "silent"]
    assert not early, [(each["raised_at"], each["late_since"]) for each in early]


def _heard(story: Story, *, until_it_stops: bool) -> Story:
    words = (word for word in story.words if (word.heard_at <= STOPS) == until_it_stops)
    return replace(story, words=tuple(words))


def _delays(site: Site) -> list[Json]:
    return [orjson.loads(record.value or b"") for record in site.read(DELAYS.full_name)]


def _said(site: Site) -> list[Json]:
    return [each for each in _delays(site) if each["delay"] == "publisher_silent"]


def test_a_backlog_looks_like_no_silence(site: Site) -> None:
    """Each partition's time runs on as its journal is read; the others' words are still to come."""
    site.publish(*convoy())
    tracker = site.tracker("disk")
    tracker.await_ready()
    words = sum(len(story.words) for story in convoy())
    eventually(lambda: len(_reports(site)) >= words, "all is handled")
    assert tracker.end() == 0
    assert _said(site) == []
    assert site.told() == site.undisturbed()
    assert {r.key for r in site.read(EVENTS.full_name)} >= {story.key for story in convoy()}


def _reports(site: Site) -> list[Json]:
    said = (orjson.loads(record.value or b"") for record in site.read(ACTIVITY.full_name))
    return [each for flush in said for each in flush if "fate" in each]
