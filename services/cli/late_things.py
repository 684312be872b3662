"""What is late now, as the delays tell it one after another."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from rich.table import Table
from rich.text import Text

from services.cli.rows import JsonObject

COLOURS: Mapping[str, str] = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
_ORDER = tuple(COLOURS)
_COLUMNS = ("severity", "delay", "subject", "country", "agency", "late since", "what")


@dataclass
class LateThings:
    """The open delays by their ids; a delay that was told before changes nothing."""

    open: dict[str, JsonObject] = field(default_factory=dict)
    _told: dict[str, int] = field(default_factory=dict)

    def hear(self, value: bytes) -> None:
        """Take note of one record of the topic `delays`."""
        delay = orjson.loads(value)
        subject = f"{delay['kind']}/{delay['subject_id']}"
        if delay["seq"] <= self._told.get(subject, 0):
            return
        self._told[subject] = delay["seq"]
        if delay["type"] == "delay_cleared":
            self.open.pop(delay["delay_id"], None)
        else:
            self.open[delay["delay_id"]] = delay

    def table(self, rows: int | None = None) -> Table:
        """The worst first, then the longest late."""
        late = sorted(self.open.values(), key=_urgency)
        shown = late if rows is None else late[:rows]
        table = Table(title=f"{len(late)} late", title_justify="left", caption=_rest(late, shown))
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for delay in shown:
            table.add_row(*_cells(delay))
        return table


def _urgency(delay: JsonObject) -> tuple[int, str]:
    return (_ORDER.index(str(delay["severity"])), str(delay["late_since"]))


def _rest(late: list[JsonObject], shown: list[JsonObject]) -> str | None:
    return f"and {len(late) - len(shown)} more" if len(shown) < len(late) else None


def _cells(delay: JsonObject) -> list[Text]:
    severity = str(delay["severity"])
    words = (
        delay["delay"], f"{delay['kind']}/{delay['subject_id']}", delay["country"] or "",
        delay["agency"] or "", delay["late_since"], delay["sentence"],
    )  # fmt: skip
    return [Text(severity, COLOURS[severity]), *(Text(str(word)) for word in words)]
