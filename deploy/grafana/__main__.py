"""`python -m deploy.grafana` writes the dashboards anew; Grafana reads them from there."""

from collections.abc import Mapping
from pathlib import Path

from deploy.grafana.deliveries import deliveries
from deploy.grafana.machinery import platform
from deploy.grafana.on_call import on_call
from deploy.grafana.publishers import publishers

FOLDER = Path(__file__).with_name("dashboards")
BOARDS = (deliveries, on_call, publishers, platform)
"""A new dashboard is a file and its name here."""


def dashboards() -> Mapping[str, str]:
    """The JSON of each, by its file's name."""
    made = (board() for board in BOARDS)
    return {board.file: board.json() for board in made}


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in dashboards().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
