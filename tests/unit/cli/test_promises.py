"""Promises on the command line: shown, summed, and replayed."""

from collections import defaultdict
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.commitments import show_commitments
from services.cli.replay import replay
from services.cli.show import show
from services.tracker.core.sums import read_summed, sums
from services.tracker.core.view import dumps
from tests.support.exporting import Exporting
from tests.support.hearing import hear
from tests.support.telling import Story, deployment, promise, shipment
from tests.unit.cli.scripted import ScriptedServer

STORIES = (
    promise()
    .committed(50, ambulance=60, programme="security", request="EC-REQ-1")
    .committed(70, ambulance=60, programme="security", name="committed-1", revised=55),
    promise("US-EC-2").committed(40, trainer=18, unit="IE", programme="governance", by="US-FBI"),
    shipment().registered(ambulance=30, at=1, commitment="US-EC-1").departed(9).split(10, 10),
    shipment("EC-1-A").registered(ambulance=10, at=10, commitment="US-EC-1").cancelled(60),
    shipment("EC-2").registered(ambulance=30, at=2, commitment="US-EC-1").handed_over(48, 30),
    deployment().registered(trainer=18, at=12, commitment="US-EC-2").handed_over(20, 18),
)


def commitments(*stories: Story) -> list[bytes]:
    states = hear(*stories).driver.states("commitments")
    return [dumps(state.view()) for _, state in states]


def by_subject(lines: list[bytes | None]) -> dict[tuple[str, str], list[bytes | None]]:
    found = defaultdict(list)
    for line in lines:
        delay = orjson.loads(line or b"")
        found[delay["kind"], delay["subject_id"]].append(line)
    return found


def test_an_export_replayed_says_the_same(tmp_path: Path) -> None:
    told = Exporting().hear(*STORIES).wait(90)
    path = told.export(tmp_path / "journal.ndjson")
    replayed = CliRunner().invoke(replay, [str(path), "--json"], catch_exceptions=False)
    lines = replayed.stdout_bytes.splitlines()
    assert by_subject(list(lines)) == by_subject(told.delays)
    assert {orjson.loads(line)["delay"] for line in lines} >= {
        "commitment_uncovered",
        "delivery_overdue",
    }
    states = CliRunner().invoke(replay, [str(path), "--commitments"], catch_exceptions=False)
    live = [dumps(state.view()) for _, state in told.driver.states("commitments")]
    assert states.stdout_bytes.splitlines() == live


def test_a_plain_file_is_told_with_its_terms(tmp_path: Path) -> None:
    words = (word.event for story in STORIES for word in story.words)
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(map(orjson.dumps, words)))
    options = [str(path), "--json", "--until", "2026-04-01T00:00:00Z"]
    lines = CliRunner().invoke(replay, options, catch_exceptions=False).stdout.splitlines()
    overdue = [one for one in map(orjson.loads, lines) if one["delay"] == "delivery_overdue"]
    assert {one["subject_id"] for one in overdue} == {"EC-1"}


def test_only_one_thing_is_printed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    command = [str(tmp_path / "x"), "--state", "--commitments"]
    assert CliRunner().invoke(replay, command).exit_code == 2


SUMMED = {
    "agency": [
        ("US-DHS-HSI", "ambulance", "H87", 1, 60, 50, 20, 30, 0),
        ("US-FBI", "trainer", "IE", 1, 18, 18, 0, 18, 0),
    ],
    "country": [
        ("EC", "ambulance", "H87", 1, 60, 50, 20, 30, 0),
        ("EC", "trainer", "IE", 1, 18, 18, 0, 18, 0),
    ],
    "item": [
        ("ambulance", "ambulance", "H87", 1, 60, 50, 20, 30, 0),
        ("trainer", "trainer", "IE", 1, 18, 18, 0, 18, 0),
    ],
    "programme": [
        ("governance", "trainer", "IE", 1, 18, 18, 0, 18, 0),
        ("security", "ambulance", "H87", 1, 60, 50, 20, 30, 0),
    ],
    "request": [
        ("EC-REQ-1", "ambulance", "H87", 1, 60, 50, 20, 30, 0),
        (None, "trainer", "IE", 1, 18, 18, 0, 18, 0),
    ],
}


@pytest.mark.parametrize(("by", "rows"), SUMMED.items(), ids=SUMMED)
def test_promises_are_summed(by: str, rows: list[tuple[object, ...]]) -> None:
    stories = (promise().committed(50, ambulance=60, request="EC-REQ-1", programme="security"),)
    found = sums(map(read_summed, commitments(*stories, *STORIES[1:])), by)  # type: ignore[arg-type]
    told = [tuple(getattr(each, name) for name in each.__struct_fields__) for each in found]
    assert told == rows


amounts = st.lists(st.tuples(st.sampled_from(("vest", "radio")), st.integers(1, 9)), min_size=1)


@settings(max_examples=50, deadline=None)
@given(amounts)
def test_sums_by_any_group_promise_the_same(said: list[tuple[str, int]]) -> None:
    stories = (promise(f"P-{n}").committed(9, **{item: q}) for n, (item, q) in enumerate(said))
    summed = list(map(read_summed, commitments(*stories)))
    for by in SUMMED:
        promised = sum(each.promised for each in sums(summed, by))  # type: ignore[arg-type]
        assert promised == sum(quantity for _, quantity in said)


def test_a_cancelled_promise_is_promised_no_more_and_what_moves_still_does() -> None:
    movement = shipment().registered(ambulance=9, at=1, commitment="US-EC-1").departed(2)
    story = promise().committed(50, ambulance=60).cancelled(3)
    (found,) = sums(map(read_summed, commitments(story, movement)), "item")
    assert (found.promised, found.covered, found.moving) == (0, 9, 9)


def test_a_table_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    values = commitments(*STORIES)
    show_commitments(values, None, as_json=True)
    assert capsys.readouterr().out.splitlines() == [value.decode() for value in values]
    show_commitments(values, "programme", as_json=True)
    first = orjson.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["group"], first["promised"]) == ("governance", 18)
    show_commitments(values, None, as_json=False)
    show_commitments(values, "item", as_json=False)
    assert "Promises by item" in capsys.readouterr().out


def test_show_of_a_promise(server: ScriptedServer) -> None:
    said = orjson.dumps({"events": []})
    server.answers = [(200, {}, commitments(*STORIES)[0]), (200, {}, said)]
    command = ["commitment/US-EC-1", "--url", server.url]
    shown = CliRunner().invoke(show, command, env={"COLUMNS": "250"}, catch_exceptions=False)
    assert server.bodies == [b"/v1/commitments/US-EC-1", b"/v1/commitments/US-EC-1/events"]
    text = " ".join(shown.stdout.split())
    for words in ("commitment/US-EC-1: promised", "programme security", "shipment/EC-2"):
        assert words in text
    assert "ambulance │ H87 │ 60 │ 50 │ 20 │ 30 │ 0" in text
