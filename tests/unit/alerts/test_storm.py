"""Many new alerts of a country at once: one digest stands for them, nothing critical is lost."""

from datetime import timedelta
from functools import partial

import msgspec
import pytest
from msgspec.structs import replace

from schemas.times import wire
from schemas.topics import BACKLOG
from services.alerts.core.digest import Digest, about_of
from services.alerts.core.policy import Route, StormLimits
from services.alerts.core.routing import Choice, Match, Window
from services.alerts.core.standing import of_digest
from services.alerts.processors import Alerts
from services.runtime.processor import Record
from tests.unit.alerts.desk import SECOND, START, Desk, delay, sentences

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LIMITS = StormLimits(alerts_a_minute=5, lasts=5 * MINUTE)
PATIENCE = LIMITS.answered_within
HELD = "storm:EC"


def new(number: int, **more: object) -> dict[str, object]:
    return delay(subject_id=f"EC-{number}", **more)  # type: ignore[arg-type]


def storm(count: int = 20, *routes: Route, **more: object) -> Desk:
    """A desk at which so many new alerts of EC were just heard."""
    desk = Desk(*routes, storm=LIMITS)
    desk.hear(*(new(number, **more) for number in range(count)))
    return desk


def told(desk: Desk) -> dict[str, int]:
    """How often each word was said until nothing more is to be said now."""
    words: dict[str, int] = {}
    while calls := desk.calls():
        for call in calls:
            word = msgspec.json.decode(call.body)["type"]
            words[word] = words.get(word, 0) + 1
            desk.answer(call)
    return words


def digest(desk: Desk) -> Digest:
    state = desk.driver.state("digests", b"storm/EC")
    assert isinstance(state, Digest)
    return state


def held(desk: Desk) -> int:
    books = [book for _, book in desk.driver.states("alerts")]
    return sum(alert.inhibited_by == HELD for book in books for alert in book.alerts)


def test_few_new_alerts_are_told_one_by_one_as_soon_as_they_settled():
    desk = storm(5)
    desk.wait()
    assert told(desk) == {"alert.opened": 5}


def test_many_are_told_as_one_digest_and_each_is_kept_and_listed():
    desk = storm(20)
    desk.wait()
    assert told(desk) == {"alert.opened": 5}
    assert held(desk) == 15
    assert {a["status"] for a in desk.alerts().values()} == {"open"}
    assert desk.audit().count("inhibited") == 15
    desk.wait(30 * SECOND)
    (said,) = sentences(desk)
    assert said.startswith("Storm of alerts in EC: 15 new alerts, 0 of them critical, are not")
    assert said.endswith(" told one by one: 15 delivery overdue.")


def test_a_country_has_storms_of_its_own():
    desk = storm(20)
    desk.hear(delay(subject_id="PE-1", country="PE"), delay(subject_id="X-1", country=None))
    desk.wait()
    assert told(desk) == {"alert.opened": 7}


def test_as_many_in_a_longer_time_are_no_storm():
    desk = Desk(storm=LIMITS)
    for number in range(20):
        desk.hear(new(number))
        desk.wait(13 * SECOND)
    assert held(desk) == 0


def test_after_the_storm_what_is_critical_and_still_open_is_told_and_leaves_the_digest():
    desk = storm(20)
    desk.hear(*(new(n, severity="critical") for n in range(20, 30)))
    desk.wait(31 * SECOND)
    told(desk)
    assert digest(desk).counts == {"delivery_overdue": 25}
    assert digest(desk).grades == {"critical": 10, "warning": 15}
    desk.hear(new(20, does="cleared", seq=2, severity="critical"))
    desk.wait(6 * MINUTE)
    desk.wait()
    words = told(desk)
    assert words.pop("alert.opened") == 9
    assert digest(desk).grades == {"warning": 15}
    assert held(desk) == 15


def test_while_it_lasts_what_is_critical_goes_on_waiting():
    desk = storm(20, severity="critical")
    desk.wait()
    told(desk)
    for batch in range(1, 7):
        desk.wait(2 * MINUTE)
        desk.hear(*(new(100 * batch + n, severity="critical") for n in range(20)))
    assert "alert.opened" not in told(desk)
    assert held(desk) == 15 + 120
    desk.wait(6 * MINUTE)
    desk.wait()
    assert told(desk)["alert.opened"] == 135
    assert held(desk) == 0


def test_to_ask_again_does_not_make_the_storm_longer():
    desk = storm(200, severity="critical")
    desk.wait()
    told(desk)
    desk.wait(6 * MINUTE)
    desk.wait()
    assert told(desk)["alert.opened"] == 195


def test_what_becomes_critical_after_the_storm_is_told():
    desk = storm(20)
    desk.wait(HOUR)
    told(desk)
    desk.hear(new(19, does="changed", seq=2, severity="critical"))
    desk.wait()
    assert told(desk) == {"alert.opened": 1}
    assert digest(desk).total == 14


def test_a_digest_with_something_critical_is_critical_and_told_soon_after():
    desk = storm(20)
    desk.wait(31 * SECOND)
    told(desk)
    assert digest(desk).told_severity == "warning"
    desk.hear(new(50, severity="critical"))
    desk.wait(30 * SECOND)
    assert told(desk) == {"digest.changed": 1}
    assert digest(desk).told_severity == "critical"


def test_the_digest_is_over_when_nothing_of_it_is_open():
    desk = storm(8)
    desk.wait(31 * SECOND)
    told(desk)
    desk.hear(*(new(n, does="cleared", seq=2) for n in range(8)))
    assert told(desk) == {"alert.resolved": 5, "digest.resolved": 1}
    assert digest(desk).total == 0


def test_a_digest_is_not_over_for_the_moment_in_which_one_of_it_grows_graver():
    desk = storm(6)
    desk.wait(31 * SECOND)
    told(desk)
    desk.hear(new(5, does="changed", seq=2, severity="critical"))
    assert "digest.resolved" not in told(desk)
    assert digest(desk).grades == {"critical": 1}


def test_level_sinks_are_shown_the_digest_while_it_stands():
    desk = storm(20)
    desk.wait(31 * SECOND)
    (shown,) = of_digest(digest(desk), about_of(b"storm/EC"), desk.at, desk.policy)
    assert shown.labels == {"alertname": "StormDigest", "severity": "warning", "country": "EC"}
    assert shown.until is None


def test_digests_go_where_the_routes_send_them():
    elsewhere = Choice(Match(countries=frozenset({"PE"})), frozenset({"log"}))
    here = Choice(Match(countries=frozenset({"EC"})), frozenset({"webhook"}))
    desk = Desk(Route("log"), Route("webhook"), storm=LIMITS, choices=(here, elsewhere))
    desk.hear(*(new(n) for n in range(20)))
    desk.wait(31 * SECOND)
    targets = {c.target for c in desk.calls() if b"digest.opened" in c.body}
    assert targets == {"webhook"}


def test_data_stewards_have_no_storms():
    desk = Desk(storm=LIMITS)
    desk.hear(*(new(n, name="conflict", milestone=None, severity="info") for n in range(20)))
    desk.wait()
    assert told(desk) == {"alert.opened": 20}


def test_what_a_window_releases_at_once_may_be_a_storm():
    whole = Window("strike", Match(countries=frozenset({"EC"})), START, START + MINUTE)
    desk = Desk(storm=LIMITS, windows=(whole,))
    desk.hear(*(new(n) for n in range(20)))
    desk.wait(MINUTE)
    desk.wait()
    assert told(desk) == {"alert.opened": 5}
    assert held(desk) == 15


def test_what_a_storm_holds_back_silences_nothing():
    desk = storm(20)
    desk.wait(HOUR)
    told(desk)
    desk.hear(new(19, name="silent", seq=2, milestone=None))
    desk.wait()
    assert told(desk) == {"alert.opened": 1}


def test_who_does_not_answer_is_not_waited_for():
    desk = Desk(storm=LIMITS)
    desk.hear(delay())
    (answered,) = desk.book().alerts
    clearance = replace(answered.clearance, asking=True)
    asking = replace(desk.book(), alerts=(replace(answered, clearance=clearance),))
    look = partial(Alerts(desk.policy).on_deadline, b"shipment/EC-AMB-0017", asking, None)
    waits = look(desk.at + PATIENCE - SECOND)
    assert (waits.calls, waits.deadline) == ([], desk.at + PATIENCE)
    assert len(look(desk.at + PATIENCE).calls) == 1


def test_who_does_not_answer_after_the_storm_is_not_waited_for():
    desk = storm(20, severity="critical")
    desk.wait()
    key, at = b"shipment/EC-19", desk.at + 5 * MINUTE
    look = partial(Alerts(desk.policy).on_deadline, key)
    asking = look(desk.book(key.decode()), None, at)
    assert [r.key for r in asking.out] == [b"storm/EC"]
    waiting = look(asking.state, None, at + PATIENCE - SECOND)
    assert (waiting.out, waiting.deadline) == ([], at + PATIENCE)
    released = look(waiting.state, None, at + PATIENCE)
    assert len(look(released.state, None, at + PATIENCE + SECOND).calls) == 1


def test_a_country_whose_clock_is_behind_is_asked_no_sooner_than_it_may_answer():
    desk = storm(20, severity="critical")
    said = {"type": "answered", "delay_id": new(19)["delay_id"], "country": "EC"}
    past = msgspec.json.encode(said | {"until": wire(desk.at - SECOND)})
    for _ in range(3):
        desk.driver.feed(Record(BACKLOG.full_name, b"shipment/EC-19", past), desk.at)

    def asked_again() -> int:
        return sum(b'"again":true' in (r.value or b"") for r in desk.written(BACKLOG.full_name))

    assert (asked_again(), held(desk)) == (0, 15)
    desk.wait(PATIENCE)
    assert (asked_again(), held(desk)) == (1, 15)


def test_what_is_held_back_is_told_where_a_new_file_knows_no_storms():
    desk = storm(20, severity="critical")
    desk.wait()
    key, fair = b"shipment/EC-19", Alerts(Desk().policy)
    free = fair.on_deadline(key, desk.book(key.decode()), None, desk.at)
    assert free.deadline == desk.at + desk.policy.settle
    told_then = fair.on_deadline(key, free.state, None, desk.at + desk.policy.settle)
    assert len(told_then.calls) == 1
    # The old file again, long after: what was told is no matter of storms any more.
    later = Alerts(desk.policy).on_deadline(key, told_then.state, None, desk.at + HOUR)
    assert later.deadline is None or later.deadline > desk.at + HOUR


@pytest.mark.parametrize("key", [b"storm/EC", b"shipment/EC-1"])
def test_what_is_no_word_about_a_storm_is_buried(key):
    desk = Desk(storm=LIMITS)
    desk.driver.feed(Record(BACKLOG.full_name, key, b'{"type": "rain"}'), desk.at)
    assert [r.topic for r in desk.driver.outputs] == ["chasqui.quarantine"]


def test_a_restart_in_a_storm_changes_nothing():
    desk = storm(20, severity="critical")
    desk.driver.restart()
    desk.wait()
    assert told(desk) == {"alert.opened": 5}
    desk.driver.restart()
    desk.wait(6 * MINUTE)
    desk.wait()
    assert told(desk)["alert.opened"] == 15
