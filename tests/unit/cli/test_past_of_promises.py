"""`chasqui show commitment/ID` at another moment: from all partitions of the journal."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.errors import CommandError
from services.cli.past import Moment, past
from services.cli.replay import Replay
from services.cli.show import show
from services.cli.subject import Subject
from services.cli.taking import Order, Taking
from tests.support.exporting import Exporting
from tests.support.random_promises import PROMISES, random_promises
from tests.support.telling import Json, Story, day, promise, shipment

END = 200
worlds = st.builds(random_promises, st.integers(0, 2**32).map(Random), st.integers(1, 4))
PROMISED = promise().committed(50, ambulance=60)
MOVED = PROMISED.committed(
    170, ambulance=60, name="committed-1", revised=55, heard=55, reason="customs"
)
STORIES = (
    MOVED,
    shipment().registered(ambulance=30, at=1, commitment="US-EC-1").departed(9),
    # handed over on day 40, which was known on day 60
    shipment("EC-2")
    .registered(ambulance=20, at=2, commitment="US-EC-1")
    .handed_over(40, 20, said=60, heard=60),
    shipment("EC-3").registered(ambulance=7, at=2),
)


def told(name: str, path: Path, **moment: float) -> Json | None:
    """The record of a promise; None where nothing was known of it."""
    at, known_at = (day(moment[each]) if each in moment else None for each in ("at", "known_at"))
    try:
        return past(Subject("commitment", name), Moment(at, known_at), path).record
    except CommandError:
        return None


def lines(record: Json | None) -> list[tuple[object, ...]]:
    assert record is not None
    stages = ("item", "promised", "covered", "moving", "handed_over")
    return [tuple(line[stage] for stage in stages) for line in record["lines"]]  # type: ignore[attr-defined]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return Exporting().hear(*STORIES).wait(90).export(tmp_path / "journal.ndjson")


@settings(max_examples=60, deadline=None)
@given(worlds, st.integers(0, END), st.integers(1, 5))
def test_what_was_known_is_what_a_replay_until_then_knows(
    stories: list[Story], until: int, partitions: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Exporting(partitions).hear(*stories).wait(END).export(Path(folder, "journal"))
        replayed = Replay(Taking(path, None, Order.RECEIVED, day(until)))
        replayed.finish()
        known = {each["subject_id"]: each for each in map(orjson.loads, replayed.commitments())}
        for name in PROMISES:
            record = told(name, path, known_at=until)
            assert (
                {**known[name], "slips": record["slips"]} == record if record else name not in known
            )


@settings(max_examples=60, deadline=None)
@given(worlds, st.integers(1, 5))
def test_in_the_end_all_that_had_happened_is_what_is_known(
    stories: list[Story], partitions: int
) -> None:
    with TemporaryDirectory() as folder:
        path = Exporting(partitions).hear(*stories).wait(END).export(Path(folder, "journal"))
        for name in PROMISES:
            known, happened = told(name, path), told(name, path, at=END)
            if happened is not None:
                assert known is not None
                assert {**known, "delays": None} == {**happened, "delays": None}


def test_what_was_known_and_what_had_happened(journal: Path) -> None:
    assert lines(told("US-EC-1", journal, known_at=45)) == [("ambulance", 60, 50, 30, 0)]
    assert lines(told("US-EC-1", journal, at=45)) == [("ambulance", 60, 50, 30, 20)]
    assert lines(told("US-EC-1", journal, at=45, known_at=50)) == [("ambulance", 60, 50, 30, 0)]
    assert lines(told("US-EC-1", journal, at=5)) == [("ambulance", 60, 50, 0, 0)]
    assert lines(told("US-EC-1", journal, at=1)) == [("ambulance", 60, 30, 0, 0)]


def test_a_promise_is_due_as_was_said_until_then(journal: Path) -> None:
    at = {moment: told("US-EC-1", journal, at=moment) for moment in (54, 56)}
    due = {moment: record and record["due_at"] for moment, record in at.items()}
    assert due == {54: "2026-02-20T00:00:00Z", 56: "2026-06-20T00:00:00Z"}
    late = {
        moment: record and [each["delay"] for each in record["delays"]]
        for moment, record in at.items()
    }  # type: ignore[attr-defined]
    assert late == {54: ["commitment_uncovered"], 56: []}


def test_before_all_of_it_nothing_is_known(journal: Path) -> None:
    assert told("US-EC-1", journal, known_at=-1) is None
    assert told("US-EC-1", journal, at=-1) is None
    assert told("NO-SUCH", journal) is None


def test_each_move_of_the_promised_day_is_a_slip(journal: Path) -> None:
    command = ["commitment/US-EC-1", "--slips", "--journal", str(journal)]
    said = CliRunner().invoke(show, [*command, "--json"], catch_exceptions=False)
    (slip,) = orjson.loads(said.stdout)["slips"]
    assert (slip["milestone"], slip["moves"], slip["moved"]) == ("committed", "promised", "P120D")
    shown = CliRunner().invoke(show, command, env={"COLUMNS": "250"}, catch_exceptions=False)
    assert "+120 d" in shown.stdout
    assert "customs" in shown.stdout
