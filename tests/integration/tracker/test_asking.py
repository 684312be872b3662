"""What is known can be asked of any instance; whoever does not own it asks the one that does."""

from collections.abc import Iterator
from functools import partial
from signal import SIGKILL

import orjson
import pytest

from schemas.topics import EVENTS, QUARANTINE
from services.cli.broker import EmbeddedBroker
from services.runtime.processor import Record
from services.tracker.peers import FORWARDED
from tests.integration.tracker.site import PARTITIONS, Site, Tracker, eventually
from tests.support.hearing import hear
from tests.support.telling import OWNER, shipment

STORIES = [
    shipment(f"EC-{number}")
    .registered(vest=40)
    .planned("handed_over", 10)
    .departed(2, name="D")
    .revises("D", said=3, at=1)
    .arrived(4, name="A")
    .retracts("A", said=5)
    for number in range(12)
]
REFUSED = {"publisher": OWNER, "kind": "shipment", "subject_id": "EC-1", "event_id": "X"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("asking")
    with EmbeddedBroker(folder / "broker") as broker:
        made = Site(broker.bootstrap, folder / "trackers")
        yield made
        made.close()


@pytest.fixture(scope="module")
def pair(site: Site) -> tuple[Tracker, Tracker]:
    """Two instances with a partition each."""
    pair = site.tracker("a", instance="a"), site.tracker("b", instance="b")
    eventually(lambda: [len(each.partitions()) for each in pair] == [1, 1], "one partition each")
    site.publish(*STORIES)
    eventually(lambda: all(_known(pair[0], s.subject_id) for s in STORIES), "all is known")
    return pair


def _known(tracker: Tracker, subject_id: str) -> bool:
    path = f"/v1/movements/shipment/{subject_id}/events"
    answer = tracker.get(path)
    return answer.status_code == 200 and len(answer.json()["events"]) == 4


def _answers(tracker: Tracker, path: str) -> bool:
    return tracker.get(path).status_code == 200


def test_every_instance_answers_for_every_subject(pair: tuple[Tracker, Tracker]) -> None:
    for story in STORIES:
        expected = hear(story).movement
        for each in pair:
            answer = each.get(f"/v1/movements/shipment/{story.subject_id}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/json"
            assert answer.json() == expected


def test_a_question_is_passed_on_once_only(pair: tuple[Tracker, Tracker]) -> None:
    statuses = []
    for each in pair:
        answer = each.get("/v1/movements/shipment/EC-1", **{FORWARDED: "1"})
        statuses.append(answer.status_code)
        if answer.status_code == 503:
            assert answer.headers["retry-after"]
            assert answer.headers["content-type"] == "application/problem+json"
    assert sorted(statuses) == [200, 503]


def test_a_subject_that_nobody_spoke_of_is_not_found(pair: tuple[Tracker, Tracker]) -> None:
    for each in pair:
        answer = each.get("/v1/movements/shipment/EC%20nobody%3F")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "unknown_subject"


def test_the_timeline_tells_every_word_in_the_order_in_which_it_happened(
    pair: tuple[Tracker, Tracker],
) -> None:
    events = pair[0].get("/v1/movements/shipment/EC-1/events").json()["events"]
    said = [(e["type"], e["classifier"], e["occurred_at"], e["retracted"]) for e in events]
    assert said == [
        ("registered", "actual", "2026-01-01T00:00:00Z", False),
        ("departed", "actual", "2026-01-02T00:00:00Z", False),
        ("arrived", None, None, True),
        ("handed_over", "planned", "2026-01-11T00:00:00Z", False),
    ]


@pytest.mark.parametrize(
    ("event_id", "status"),
    [("registered-1", "known"), ("D", "revised"), ("A", "retracted")],
)
def test_what_became_of_an_event(pair: tuple[Tracker, Tracker], event_id: str, status: str) -> None:
    for each in pair:
        told = each.get(f"/v1/events/{OWNER}/shipment/EC-1/{event_id}").json()
        assert told["status"] == status
        assert told["subject_id"] == "EC-1"


def test_what_was_quarantined_is_buried_with_its_reason(
    site: Site, pair: tuple[Tracker, Tracker]
) -> None:
    path = f"/v1/events/{OWNER}/shipment/EC-1/X"
    assert pair[0].get(path).status_code == 404
    assert pair[0].get(path).json()["status"] == "unknown"
    headers = (("reason", b"naive_time"), ("field", b"occurred_at"), ("origin", b"http:test"))
    site.write([Record(QUARANTINE.full_name, OWNER.encode(), orjson.dumps(REFUSED), headers)])
    for each in pair:
        eventually(partial(_answers, each, path), "it is found")
        told = each.get(path).json()
        assert (told["status"], told["reason"]) == ("buried", "naive_time")
        assert told["field"] == "occurred_at"


def test_poison_in_the_journal_is_buried_and_its_partition_moves_on(
    site: Site, pair: tuple[Tracker, Tracker]
) -> None:
    before = len(site.read(QUARANTINE.full_name))
    poison = (b"{", b"\xff\xfe", b'{"publisher": 1}', b"[" * 5000, b"")
    story = shipment("EC-poison").registered(vest=1)
    headers = (("at", b"1767225600000"),)
    site.write(Record(EVENTS.full_name, story.key, value, headers) for value in poison)
    site.publish(story)
    path = "/v1/movements/shipment/EC-poison"
    eventually(partial(_answers, pair[0], path), "the partition moves on")
    buried = site.read(QUARANTINE.full_name)[before:]
    broken = [r.value for r in buried if dict(r.headers)["reason"] == b"broken"]
    assert sorted(filter(None, broken)) == sorted(filter(None, poison))
    assert len(broken) == len(poison)


def test_the_business_is_counted_without_names(pair: tuple[Tracker, Tracker]) -> None:
    def counted() -> bool:
        seen = [each.metrics() for each in pair]
        moving = 'chasqui_movements{kind="shipment",state="in_transit"}'
        return sum(each[moving] for each in seen) == len(STORIES)

    eventually(counted, "each instance counts its own")
    for each in pair:
        series = each.metrics()
        assert len(series) < 500
        assert not [name for name in series if "EC-" in name]
        assert series["chasqui_delays_open" + '{delay="held",severity="critical"}'] == 0


def test_who_is_left_takes_over_and_counts_everything(
    site: Site, pair: tuple[Tracker, Tracker]
) -> None:
    left, killed = pair
    killed.end(SIGKILL)
    eventually(lambda: len(left.partitions()) == PARTITIONS, "the other partition came over")
    for story in STORIES:
        assert left.get(f"/v1/movements/shipment/{story.subject_id}").status_code == 200
    moving = 'chasqui_movements{kind="shipment",state="in_transit"}'
    eventually(lambda: left.metrics()[moving] == len(STORIES), "all are counted here now")
    assert site.told() == site.undisturbed()
