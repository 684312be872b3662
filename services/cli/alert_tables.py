"""Alerts as tables: many in short, and one with all that is known of it."""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.late_things import COLOURS, delay_row, delay_table
from services.cli.rows import JsonObject

_FACTS: Final = (
    "alert_id", "status", "severity", "confidence", "country", "agency", "commitment", "milestone",
    "leg", "hold_id", "late_since", "due_at", "eta_at", "opened_at", "acknowledged_by",
    "acknowledged_until", "escalation", "inhibited_by", "resolved_at", "because",
)  # fmt: skip
_ENTRY: Final = ("at", "action", "by", "severity", "reason", "detail")


def alerts_table(alerts: Iterable[JsonObject], *, more: bool) -> Table:
    """One row an alert, as they were listed."""
    table = delay_table(caption="and more: see --limit" if more else None)
    for alert in alerts:
        table.add_row(*delay_row(alert, _standing(alert), str(alert["alert_id"])))
    table.title = f"{table.row_count} alerts"
    return table


def print_alert(console: Console, answer: JsonObject) -> None:
    """One alert: what it says, what it rests on, and what was done about it."""
    alert = _object(answer["alert"])
    severity = str(alert["severity"])
    head = f"{severity} {alert['delay']} of {alert['kind']}/{alert['subject_id']}"
    console.print(Text(head, COLOURS[severity]))
    console.print(Text(str(alert["sentence"])))
    facts = [f"{name} {alert[name]}" for name in _FACTS if alert.get(name) is not None]
    console.print(Text(", ".join(facts)))
    console.print(Text("\n".join(_evidence(_object(alert["evidence"])))))
    console.print(_history(answer))


def _standing(alert: JsonObject) -> str:
    if alert["status"] == "acknowledged":
        until = alert.get("acknowledged_until")
        return f"acknowledged by {alert['acknowledged_by']}" + (f"\nuntil {until}" if until else "")
    at = "resolved_at" if alert["status"] == "resolved" else "opened_at"
    return f"{alert['status']} since {alert[at]}"


def _evidence(evidence: JsonObject) -> Iterator[str]:
    limit = f", limit {evidence['threshold']}" if evidence.get("threshold") else ""
    yield f"by rule {evidence.get('rule')} of rules {evidence.get('rules_version')}{limit}, from:"
    events = evidence.get("events")
    yield from (f"  {event}" for event in (events if isinstance(events, list) else []))


def _history(answer: JsonObject) -> Table:
    caption = None if answer["history_complete"] else "and more: see the topic chasqui.audit"
    table = Table(title="History", title_justify="left", caption=caption)
    for name in _ENTRY:
        table.add_column(name, overflow="fold")
    entries = answer["history"]
    for entry in entries if isinstance(entries, list) else []:
        table.add_row(*(Text(str(entry.get(name) or "")) for name in _ENTRY))
    return table


def _object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}
