"""The table of late things follows what the tracker tells."""

from io import StringIO

import orjson
from rich.console import Console

from services.cli.late_things import LateThings


def told(
    kind: str, seq: int, delay_id: str, severity: str = "warning", subject: str = "S"
) -> bytes:
    return orjson.dumps(
        {
            "type": f"delay_{kind}", "seq": seq, "delay_id": delay_id, "severity": severity,
            "delay": "held", "kind": "shipment", "subject_id": subject, "country": None,
            "agency": "A", "late_since": "2024-01-01T00:00:00Z", "sentence": f"{delay_id} waits",
        }
    )  # fmt: skip


def printed(late: LateThings, rows: int | None = None) -> str:
    console = Console(width=160, record=True, file=StringIO())
    console.print(late.table(rows))
    return console.export_text()


def test_raised_changed_cleared() -> None:
    late = LateThings()
    late.hear(told("raised", 1, "one"))
    late.hear(told("raised", 2, "two"))
    late.hear(told("changed", 3, "two", "critical"))
    late.hear(told("cleared", 4, "one"))
    assert {name: delay["severity"] for name, delay in late.open.items()} == {"two": "critical"}


def test_what_was_heard_before_changes_nothing() -> None:
    late = LateThings()
    for value in (told("raised", 1, "one"), told("cleared", 2, "one"), told("raised", 1, "one")):
        late.hear(value)
    assert late.open == {}


def test_the_worst_stands_first_and_the_rest_is_counted() -> None:
    late = LateThings()
    late.hear(told("raised", 1, "mild", "info", "A"))
    late.hear(told("raised", 1, "bad", "critical", "B"))
    text = printed(late)
    assert text.index("bad waits") < text.index("mild waits")
    assert "and 1 more" in printed(late, rows=1)
