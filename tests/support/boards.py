"""The checked-in dashboards, read as Grafana reads them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path("deploy/grafana/dashboards")
_ASKED = {"$__rate_interval": "1m", "$__range": "1h"}
"""What Grafana puts in by itself."""

Json = dict[str, Any]


class Asked(NamedTuple):
    """One query of one panel, as Grafana sends it when everything is chosen."""

    board: str
    panel: str
    expr: str


def boards() -> dict[str, Json]:
    """Each dashboard by its file's name."""
    return {
        path.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
    }


def panels(board: Json) -> list[Json]:
    """Its panels that show something."""
    return [each for each in board["panels"] if each["type"] != "row"]


def queries() -> Iterator[Asked]:
    """All queries of all panels."""
    for board in boards().values():
        choices = [f"${each['name']}" for each in board.get("templating", {}).get("list", [])]
        chosen = _ASKED | dict.fromkeys(choices, ".*")
        for panel in panels(board):
            for target in panel["targets"]:
                expr = target["expr"]
                for word, value in chosen.items():
                    expr = expr.replace(word, value)
                yield Asked(board["title"], panel["title"], expr)
