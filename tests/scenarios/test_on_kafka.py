"""Every scenario, sent over HTTP to the real services on a real Kafka: the same outcome."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from deploy.checks.real_input import World, by_subject, differences, final_states, on_the_topic
from schemas.times import wire
from schemas.topics import COMMITMENTS
from schemas.vocabulary import STAGES
from services.cli.replay import replay
from services.tracker.core.view import dumps
from tests.scenarios import silences
from tests.scenarios.promises import REACHED, SAID, STORIES, phases
from tests.scenarios.stories import SCENARIOS, Scenario
from tests.support.hearing import aloud
from tests.support.telling import CARRIER, OWNER, RECIPIENT, Story, Word, day


class Heard:
    """What a kafka-python reader finds on the topics in the end, by subject."""

    def __init__(self, bootstrap: str, journal: Path) -> None:
        self.journal = journal
        self.told = told = on_the_topic(bootstrap)
        self.delays = {key: [orjson.loads(line) for line in said] for key, said in told.items()}
        views = (orjson.loads(line) for line in final_states(bootstrap))
        self.movements = {f"{view['kind']}/{view['subject_id']}": view for view in views}
        promises = map(orjson.loads, final_states(bootstrap, COMMITMENTS))
        self.commitments = {view["subject_id"]: view for view in promises}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    folder = tmp_path_factory.mktemp("scenarios")
    stories = [*STORIES, *silences.STORIES, *map(_of_its_own, SCENARIOS.values())]
    with ExitStack() as stack:
        world = World(folder, stack)
        world.await_edge()
        for words, until in phases(stories):
            part = folder / f"until-{until}.ndjson"
            part.write_bytes(b"\n".join(map(_sent, words)))
            world.chasqui("publish", str(part), "--until", wire(day(until)))
            world.await_tracker()
        world.chasqui("export", output=folder / "journal.ndjson")
        yield Heard(world.bootstrap, folder / "journal.ndjson")


def _of_its_own(scenario: Scenario) -> Story:
    """Told by parties of its own: what is learnt of those in one scenario counts in no other.

    Of everyone nothing is learnt: all scenarios together have fewer silences than that takes.
    But where a word names the hash of another, which tells who said it.
    """
    story = scenario.story
    if any(word.event["type"] == "preferred" for word in story.words):
        return story

    def renamed(word: Word) -> Word:
        event = orjson.dumps(word.event)
        for party in (OWNER, CARRIER, RECIPIENT):
            own = f"{party}-{story.subject_id}"
            event = event.replace(f'"{party}"'.encode(), f'"{own}"'.encode())
        return replace(word, event=orjson.loads(event))

    return replace(story, words=tuple(map(renamed, story.words)))


def _sent(word: Word) -> bytes:
    return orjson.dumps({**word.event, "received_at": wire(word.heard_at)})


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_a_scenario_ends_as_told(scenario: Scenario, heard: Heard) -> None:
    key = scenario.story.key.decode()
    told = heard.delays.get(key, [])
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == scenario.said
    assert heard.movements[key]["state"] == scenario.state


@pytest.mark.parametrize(("key", "said"), (SAID | silences.SAID).items())
def test_of_a_promise_and_its_movements_and_of_silences_is_said_what_was_told(
    key: str, said: tuple[str, ...], heard: Heard
) -> None:
    told = heard.delays.get(key, [])
    assert tuple(f"{delay['delay']} {aloud(delay)}" for delay in told) == said


def test_a_silence_that_is_believed_says_why(heard: Heard) -> None:
    (told,) = heard.delays["shipment/SCN-BELIEVED"]
    assert silences.BECAUSE in told["sentence"]


@pytest.mark.parametrize(("subject_id", "reached"), REACHED.items(), ids=REACHED)
def test_a_promise_ends_as_told(
    subject_id: str, reached: tuple[str, str, list[int]], heard: Heard
) -> None:
    view = heard.commitments[subject_id]
    (line,) = view["lines"]
    numbers = [line[stage] for stage in STAGES]
    assert (view["state"], line["item"], numbers) == reached


def test_the_exported_journal_replayed_says_the_same(heard: Heard) -> None:
    for option, live in (
        ("--json", heard.told),
        ("--state", {key: [dumps(view)] for key, view in heard.movements.items()}),
    ):
        command = [str(heard.journal), option]
        lines = CliRunner().invoke(replay, command, catch_exceptions=False).stdout_bytes
        assert differences(by_subject(lines.splitlines()), live) == []
