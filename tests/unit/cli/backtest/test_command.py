"""`chasqui backtest` and `chasqui replay --rules` on small files."""

from pathlib import Path
from xml.etree import ElementTree as ET

import orjson
import pytest
from click.testing import CliRunner, Result

from schemas.canonical import journal_value
from schemas.refusals import parse_event
from services.cli.backtest.command import backtest
from services.cli.replay import replay
from services.cli.source_file import Place, with_place
from tests.support.hearing import in_order_heard
from tests.support.telling import Story, shipment

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<b onload="x">&\'"]]> EC'


def promised(subject_id: str) -> Story:
    return shipment(subject_id).registered(vest=20).planned("handed_over", 10)


STORIES = (
    promised("LATE").handed_over(20, 20, closed=True, heard=21),
    promised("PAPER").handed_over(9, 20, closed=True, heard=12.5),
    promised(NASTY),
)
NIGHT = ("--night", "22-06", "--until", "2026-02-01T00:00:00Z")


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    words = in_order_heard(STORIES)
    # An event without it would be received when it was written down.
    rows = ({**word.event, "received_at": word.heard_at} for word in words)
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def rules(tmp_path: Path, version: str = "lax", grace: str = "PT72H") -> Path:
    path = tmp_path / f"{version}.toml"
    path.write_text(f'version = "{version}"\n[default]\ngrace = "{grace}"\n', "utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(backtest, [str(each) for each in arguments])


def test_the_figures_as_json(events: Path, tmp_path: Path) -> None:
    result = run(events, "--rules", rules(tmp_path), *NIGHT, "--json")
    assert result.exit_code == 0, result.output
    told = orjson.loads(result.stdout)
    assert (told["subject"]["records"], told["today"]["rules"]) == (8, "1 (built in)")
    assert told["new"]["rules"] == "lax"
    kinds = [
        [(k["delay"], k["alerts"], k["pages"]) for k in side["volume"]["kinds"]]
        for side in (told["today"], told["new"])
    ]
    assert kinds == [[("delivery_overdue", 3, 1)], [("delivery_overdue", 2, 1)]]
    first = [side["precision"][0] for side in (told["today"], told["new"])]
    assert [(one["right"], one["wrong"], one["unknown"]) for one in first] == [(1, 1, 1), (1, 0, 1)]
    assert [round(one["earliness_days"], 3) for one in first] == [9, 7]
    assert [one["about"]["subject_id"] for one in told["alerts"]["vanished"]] == ["PAPER"]
    assert [(m["about"]["subject_id"], m["days"]) for m in told["alerts"]["moved"]] == [
        (NASTY, 2),
        ("LATE", 2),
    ]
    assert told["alerts"]["appeared"] == told["pages"]["vanished"] == told["pages"]["moved"] == []


def test_the_page_is_well_formed_says_the_figures_and_needs_nothing_else(
    events: Path, tmp_path: Path
) -> None:
    html = tmp_path / "report.html"
    result = run(events, "--rules", rules(tmp_path), *NIGHT, "--html", html)
    assert result.exit_code == 0, result.output
    text = html.read_text("utf-8")
    page = ET.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    charts = list(page.iter(f"{SVG}svg"))
    assert len(charts) == 5
    for chart in charts:
        ids = (chart.get("aria-labelledby") or "").split()
        named = [chart.find(f"{SVG}{tag}") for tag in ("title", "desc")]
        assert [each.get("id") for each in named if each is not None] == ids
        assert chart.get("role") == "img"
    numbered = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(numbered) == len(set(numbered)) == 2 * len(charts)
    cells = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    assert ["alerts", "3", "2"] in cells
    assert ["pages (critical)", "1", "1"] in cells
    assert [
        "delivery_overdue", "first told", "today", "1", "1", "1", "50.0%", "9.0",
    ] in cells  # fmt: skip
    assert any(NASTY in cell for row in cells for cell in row)
    assert "<b onload" not in text
    assert not [tag for tag in ("script", "link", "img", "iframe") if page.find(f".//{tag}")]
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "url(" not in text


def test_the_text_says_the_figures_and_the_lists(events: Path, tmp_path: Path) -> None:
    told = run(events, "--rules", rules(tmp_path), *NIGHT).stdout
    assert "0 alerts appear, 1 vanish, 2 move (median +2.00 days), 0 stay as they are." in told
    assert "delivery_overdue shipment/PAPER handed_over" in told
    assert "All alerts fall into one hour of the day" in told


def test_where_nothing_is_late_the_page_says_so(events: Path, tmp_path: Path) -> None:
    html = tmp_path / "report.html"
    until = ("--until", "2026-01-09T00:00:00Z")
    result = run(events, "--rules", rules(tmp_path), *until, "--html", html)
    assert "By neither set of rules" in result.stdout
    page = ET.fromstring(html.read_text("utf-8").removeprefix("<!DOCTYPE html>\n"))
    assert "nothing can be right or wrong" in "".join(page.itertext())


def export(tmp_path: Path, *applied: str) -> Path:
    words = in_order_heard(STORIES)
    admitted = [(parse_event(orjson.dumps(w.event)), w.heard_at) for w in words]
    values = [journal_value(event, heard_at) for event, heard_at in admitted]
    toml = [Path(each).read_text("utf-8") for each in applied]
    first = {"at": "2026-01-01T00:00:00Z", "type": "rules", "version": "own"}
    values[0:0] = [orjson.dumps({**first, "toml": text}) for text in toml]
    path = tmp_path / "journal.ndjson"
    lines = [with_place(value, Place(0, number)) + b"\n" for number, value in enumerate(values)]
    path.write_bytes(b"".join(lines))
    return path


def sides(result: Result) -> list[tuple[str, int]]:
    assert result.exit_code == 0, result.output
    told = orjson.loads(result.stdout)
    return [
        (side["rules"], side["volume"]["all"]["alerts"]) for side in (told["today"], told["new"])
    ]


def test_todays_rules_are_the_exports_own_then_the_named_then_the_built_in(tmp_path: Path) -> None:
    lax, laxer = rules(tmp_path), rules(tmp_path, "laxer", "P15D")
    own = export(tmp_path, str(lax))
    arguments = ("--rules", laxer, *NIGHT, "--json")
    assert sides(run(own, *arguments)) == [("own", 2), ("laxer", 1)]
    strict = rules(tmp_path, "strict", "PT1H")
    assert sides(run(own, *arguments, "--against", strict)) == [("strict", 3), ("laxer", 1)]
    assert sides(run(export(tmp_path), *arguments)) == [("1 (built in)", 3), ("laxer", 1)]


def test_replay_by_other_rules(events: Path, tmp_path: Path) -> None:
    arguments = [str(events), "--json", "--rules", str(rules(tmp_path))]
    result = CliRunner().invoke(replay, arguments)
    told = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert {one["evidence"]["rules_version"] for one in told} == {"lax"}
    raised = [one["raised_at"] for one in told if one["type"] == "delay_raised"]
    assert raised == ["2026-01-14T00:00:00Z"] * 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--night", "22"), "a night is two different hours"),
        (("--night", "6-6"), "a night is two different hours"),
        (("--night", "24-6"), "a night is two different hours"),
        (("--zone", "Europe/Atlantis"), "a zone is written"),
        (("--zone", "+99:00"), "a zone is written"),
        (("--until", "2020-01-01T00:00:00Z"), "no records before the end of time"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    events: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = run(events, "--rules", rules(tmp_path), *arguments)
    assert result.exit_code != 0
    assert says in result.stderr


def test_a_zone_moves_the_hours(events: Path, tmp_path: Path) -> None:
    for zone in ("+03:00", "Asia/Baghdad"):
        result = run(events, "--rules", rules(tmp_path), *NIGHT, "--json", "--zone", zone)
        assert orjson.loads(result.stdout)["today"]["volume"]["alerts_by_hour"][3] == 3


def test_a_wrong_rules_file_is_named(events: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('version = "x"\n[default]\ngraze = "PT1H"\n', "utf-8")
    result = run(events, "--rules", wrong)
    assert result.exit_code == 1
    assert "graze" in result.stderr
