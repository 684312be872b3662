"""The mapping of the aid record, on rows made up for this test."""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from services.cli.replay import Replay
from services.cli.taking import Order, Taking, taken
from services.ingest.core.admission import Refused

MAPPING = Path(__file__).parents[3] / "deploy" / "mappings" / "aid-deliveries.toml"
HEAD = (
    "line,order,delivery_note,country,managed_by,vendor,mode,"
    "scheduled_on,delivered_on,recorded_on,product_group,item,quantity\n"
)
ROWS = """\
7,O-1,N-1,Côte d'Ivoire,X,Made Up,air_charter,2010-03-09,2010-03-10,2010-04-01,G,"Vest, large",20
8,O-2,N-2,Atlantis,X,Other B.V.,,2010-03-20,2010-03-01,2010-03-02,G,Ambulance,1
9,O-1,N-1,Côte d'Ivoire,X,Made Up,air_charter,2010-03-08,2010-03-10,2010-04-01,G,"Vest, small",5
"""
UNTIL = datetime(2010, 4, 5, tzinfo=UTC)


def taking(tmp_path: Path) -> Taking:
    path = tmp_path / "record.csv"
    path.write_text(HEAD + ROWS, "utf-8")
    return Taking(path, MAPPING, Order.RECEIVED, UNTIL)


def test_a_note_is_registered_promised_and_handed_over(tmp_path: Path) -> None:
    rows = [row for row in taken(taking(tmp_path)) if b'"N-1"' in row.source.value]
    assert [row.at.date().isoformat() for row in rows] == ["2010-01-07", "2010-01-07", "2010-04-01"]
    registered, planned, handed_over = (orjson.loads(row.source.value) for row in rows)
    assert registered["publisher"] == "MADE-UP"
    assert registered["location"] == {"country": "CI"}
    assert registered["mode"] == "air"
    assert [(line["line"], line["item"], line["quantity"]) for line in registered["lines"]] == [
        (7, "vest_large", 20),
        (9, "vest_small", 5),
    ]
    assert planned["occurred_at"] == "2010-03-08T00:00:00+00:00"
    assert handed_over["occurred_at"] == "2010-03-10T00:00:00+00:00"
    assert handed_over["closed"]
    assert [(line["line"], line["accepted"]) for line in handed_over["lines"]] == [(7, 20), (9, 5)]


def test_an_unknown_country_is_refused_by_its_name(tmp_path: Path) -> None:
    verdicts = [row.verdict for row in taken(taking(tmp_path))]
    assert [(v.reason.value, v.field) for v in verdicts if isinstance(v, Refused)] == [
        ("bad_code", "location.country")
    ]


def test_late_goods_ended_because_they_came(tmp_path: Path) -> None:
    told = [orjson.loads(record.value or b"") for record in Replay(taking(tmp_path)).delays()]
    overdue = [(one["type"], one.get("because")) for one in told if one["subject_id"] == "N-1"]
    assert overdue == [
        ("delay_raised", None),
        ("delay_changed", None),
        ("delay_cleared", "happened"),
    ]
