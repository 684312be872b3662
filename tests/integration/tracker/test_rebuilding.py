"""Who stopped before it took what a movement handed to its promise: a rebuild leaves that to do."""

from pathlib import Path

import orjson
from click.testing import CliRunner
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError

from schemas.topics import CONTRIBUTIONS, DELAYS, EVENTS
from services.cli.log_reader import lag
from services.cli.rebuild import rebuild
from tests.integration.tracker.site import PARTITIONS, Site, eventually
from tests.support.telling import promise, shipment

GROUP = "chasqui.tracker"
PROMISE = promise().committed(10, vest=40)
MOVEMENT = shipment().registered(vest=40, at=1, commitment="US-EC-1")


def said_of_the_promise(site: Site) -> list[str]:
    told = (record for record in site.read(DELAYS.full_name) if record.key == PROMISE.key)
    return [orjson.loads(record.value or b"")["type"] for record in told]


def settled(site: Site) -> bool:
    topics = (EVENTS.full_name, CONTRIBUTIONS.full_name)
    return not any(lag(site.bootstrap, GROUP, topic) for topic in topics)


def take_back_what_was_taken(site: Site) -> None:
    """As if the tracker had been stopped before it took what movements handed on."""
    consumer = KafkaConsumer(
        bootstrap_servers=site.bootstrap, group_id=GROUP, enable_auto_commit=False
    )
    places = [TopicPartition(CONTRIBUTIONS.full_name, number) for number in range(PARTITIONS)]
    consumer.assign(places)

    def taken_back() -> bool:
        try:
            consumer.commit({place: OffsetAndMetadata(0, "", -1) for place in places})
        except CommitFailedError:
            return False  # a tracker that ended is a member until its session is over
        return True

    eventually(taken_back, "nobody is in the group")
    consumer.close()


def test_what_was_handed_on_and_not_taken_is_taken_by_who_goes_on(
    site: Site, tmp_path: Path
) -> None:
    site.publish(PROMISE, MOVEMENT)
    tracker = site.tracker("disk")
    tracker.await_ready()
    eventually(lambda: settled(site), "all is handled")
    assert tracker.end() == 0
    assert said_of_the_promise(site) == ["delay_raised", "delay_cleared"]

    take_back_what_was_taken(site)
    settings = {
        "CHASQUI_KAFKA_BOOTSTRAP_SERVERS": site.bootstrap,
        "CHASQUI_PARTITIONS": str(PARTITIONS),
        "CHASQUI_SESSION_TIMEOUT": "PT3S",
        "CHASQUI_STATE_DIR": str(tmp_path / "rebuild"),
    }
    made = CliRunner().invoke(rebuild, ["tracker"], env=settings, catch_exceptions=False)
    assert made.exit_code == 0, made.output

    tracker = site.tracker("disk")
    tracker.await_ready()
    eventually(lambda: settled(site), "what was handed on is taken")
    assert said_of_the_promise(site) == ["delay_raised", "delay_cleared", "delay_cleared"]
    (line,) = tracker.get("/v1/commitments/US-EC-1").json()["lines"]
    assert line["covered"] == 40
    assert tracker.end() == 0
