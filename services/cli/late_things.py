"""What is late now, as the delays tell it one after another."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from rich.table import Table
from rich.text import Text

from services.cli.rows import JsonObject

COLOURS: Mapping[str, str] = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
_ORDER = tuple(COLOURS)


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
        table = delay_table(title=f"{len(late)} late", caption=_rest(late, shown))
        for delay in shown:
            table.add_row(*delay_row(delay, f"since {delay['late_since']}"))
        return table


def delay_table(title: str | None = None, caption: str | None = None) -> Table:
    """An empty table of delays, readable in 80 columns: what it is, and the sentence beside it."""
    table = Table(title=title, caption=caption, title_justify="left", show_lines=True)
    table.add_column("delay", no_wrap=True)
    table.add_column("what", overflow="fold")
    return table


def delay_row(delay: JsonObject, *more: str) -> tuple[Text, Text]:
    """One delay for such a table, with `more` lines below its name."""
    severity = str(delay["severity"])
    head = (f"{severity} {delay['delay']}", f"{delay['kind']}/{delay['subject_id']}", *more)
    return Text("\n".join(head), COLOURS[severity]), Text(str(delay["sentence"]))


def _urgency(delay: JsonObject) -> tuple[int, str]:
    return (_ORDER.index(str(delay["severity"])), str(delay["late_since"]))


def _rest(late: list[JsonObject], shown: list[JsonObject]) -> str | None:
    return f"and {len(late) - len(shown)} more" if len(shown) < len(late) else None
