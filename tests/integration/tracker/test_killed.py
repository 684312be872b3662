"""A tracker that is killed in mid-flow and starts on an empty disk says what it would have said."""

import time
from random import Random
from signal import SIGKILL
from threading import Thread

from schemas.topics import DELAYS
from tests.integration.tracker.site import Site, eventually
from tests.support.hearing import in_order_heard, journal_record
from tests.support.random_stories import random_story
from tests.support.telling import Story

SUBJECTS = 150
EVENTS_EACH = 12


def test_killed_twice_on_empty_disks_it_tells_what_an_undisturbed_run_tells(site: Site) -> None:
    chance = Random(11)
    stories = [random_story(chance, EVENTS_EACH, f"EC-{n}") for n in range(SUBJECTS)]
    sending = Thread(target=_trickle, args=(site, stories))
    first = site.tracker("disk-1")
    first.await_ready()
    sending.start()
    _await_delays(site, 1)
    first.end(SIGKILL)
    at_first = len(site.read(DELAYS.full_name))
    second = site.tracker("disk-2")
    _await_delays(site, at_first + 1)
    second.end(SIGKILL)
    at_second = len(site.read(DELAYS.full_name))
    third = site.tracker("disk-3")
    sending.join()
    third.await_ready()

    eventually(
        # The journal grows by the terms that splits send.
        lambda: site.told() == site.undisturbed(),
        "everything is told once, in order",
        within=90,
    )
    assert 0 < at_first < at_second < len(site.read(DELAYS.full_name)), "killed in mid-flow"
    told, of_conflicts = site.conflicts()
    assert told == of_conflicts
    assert third.end() == 0


def _trickle(site: Site, stories: list[Story]) -> None:
    """Publish over some ten seconds, so that there is a mid-flow."""
    words = in_order_heard(stories)
    for start in range(0, len(words), 20):
        site.write(journal_record(w.event, w.heard_at) for w in words[start : start + 20])
        time.sleep(0.1)


def _await_delays(site: Site, count: int) -> None:
    eventually(lambda: len(site.read(DELAYS.full_name)) >= count, "the tracker is in mid-flow")
