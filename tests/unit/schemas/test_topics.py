"""The list of topics."""

from datetime import timedelta

from schemas.topics import DELAYS, EVENTS, MOVEMENTS, TOPICS


def test_names_are_unique_and_prefixed() -> None:
    names = [topic.full_name for topic in TOPICS]
    assert len(set(names)) == len(names)
    assert EVENTS.full_name == "chasqui.events"


def test_the_journal_is_kept_for_ever_and_states_are_compacted() -> None:
    assert (EVENTS.cleanup, EVENTS.retention) == ("delete", None)
    assert MOVEMENTS.cleanup == "compact"
    assert DELAYS.retention == timedelta(days=90)


def test_only_the_journal_and_states_lack_a_retention() -> None:
    for topic in TOPICS:
        assert (topic.retention is None) == (topic is EVENTS or topic.cleanup == "compact")
