"""The dashboards are those of their generator, can be read, and ask for what there is."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from deploy.grafana.__main__ import dashboards
from tests.support.boards import FOLDER, Json, boards, panels, queries
from tests.support.deployed import metrics_of, rules_text
from tests.support.exposed import families, registries

PROVISIONING = Path("deploy/grafana/provisioning")
BOARDS = boards()
ALL = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, board in BOARDS.items()
    for panel in panels(board)
]


def test_they_are_generated_byte_for_byte() -> None:
    made = dashboards()
    assert sorted(made) == sorted(path.name for path in FOLDER.iterdir())
    for name, text in made.items():
        assert (FOLDER / name).read_bytes() == text.encode(), f"make dashboards: {name}"


def test_there_is_one_for_each_who_looks() -> None:
    titles = {board["title"] for board in BOARDS.values()}
    assert titles == {"Deliveries", "On call", "Publishers", "Platform"}
    uids = [board["uid"] for board in BOARDS.values()]
    assert len(set(uids)) == len(uids)
    assert all(board["description"] and not board["editable"] for board in BOARDS.values())


@pytest.mark.parametrize("panel", ALL)
def test_a_panel_says_what_it_shows(panel: Json) -> None:
    assert panel["title"]
    assert len(panel["description"]) > 10
    assert panel["targets"]
    shown = panel["fieldConfig"]["defaults"]
    assert shown["unit"]
    assert shown["noValue"]
    assert shown["thresholds"]["steps"][0]["value"] is None
    values = [step["value"] for step in shown["thresholds"]["steps"][1:]]
    assert values == sorted(values)
    for asks in (panel, *panel["targets"]):
        assert asks["datasource"] == {"type": "prometheus", "uid": provisioned_uid()}


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_panels_have_ids_of_their_own_and_stand_beside_each_other(board: Json) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        assert not (_meet(one, other, "x", "w") and _meet(one, other, "y", "h")), (one, other)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_what_can_be_chosen_is_asked_for_and_exists(board: Json) -> None:
    text = " ".join(target["expr"] for panel in panels(board) for target in panel["targets"])
    choices = board.get("templating", {}).get("list", [])
    for choice in choices:
        assert f'{choice["name"]}=~"${choice["name"]}"' in text
        assert choice["includeAll"]
        assert choice["datasource"]["uid"] == provisioned_uid()
        assert metrics_of(choice["query"]) <= known()
    assert set(re.findall(r"\$([a-z]+)\b", text)) == {choice["name"] for choice in choices}


def test_every_metric_asked_for_exists() -> None:
    asked = [query.expr for query in queries()]
    named = set().union(*map(metrics_of, asked))
    assert len(named) > 30
    assert named <= known()
    recorded = set(re.findall(r"\bchasqui:[a-z0-9_:]+", " ".join(asked)))
    assert recorded
    assert recorded <= set(re.findall(r"record: (\S+)", rules_text()))


def test_every_metric_that_a_process_exposes_is_shown_or_judged_but_what_it_is_built_of() -> None:
    shown = set().union(*(metrics_of(query.expr) for query in queries()))
    assert known() - shown - metrics_of(rules_text()) == {"chasqui_build_info"}


def test_what_is_changed_in_a_browser_is_not_kept() -> None:
    provider = (PROVISIONING / "dashboards" / "chasqui.yml").read_text("utf-8")
    assert "allowUiUpdates: false" in provider


def provisioned_uid() -> str:
    text = (PROVISIONING / "datasources" / "prometheus.yml").read_text("utf-8")
    found = re.search(r"^    uid: (\S+)$", text, re.MULTILINE)
    assert found
    return found[1]


def known() -> set[str]:
    return {name for registry in registries().values() for name in families(registry)}


def _meet(one: Json, other: Json, side: str, size: str) -> bool:
    return one[side] < other[side] + other[size] and other[side] < one[side] + one[size]
