"""A mapping turns rows into events, and says in one sentence where it is wrong."""

from pathlib import Path

import pytest

from services.cli.errors import CommandError
from services.cli.mapping import FileMapping, load
from services.cli.rows import JsonObject, events_of, read_groups
from services.cli.slug import slug

HEAD = 'group_by = "note"\nbare_date = { time = 00:00:00, offset = "Z" }\n'
CSV = """note,vendor,mode,planned_on,delivered_on,item,quantity
N-1,"Hill & Co., Ltd",air_charter,2024-03-05,2024-03-09,Vest (large),20
N-2,Élan,,2024-03-01,,Ambulance,2
N-1,Other,road,2024-03-04,2024-03-09,Vest (small),5
"""


def events(tmp_path: Path, mapping: str, text: str = CSV) -> list[JsonObject]:
    (tmp_path / "rows.csv").write_text(text, "utf-8")
    (tmp_path / "mapping.toml").write_text(HEAD + mapping, "utf-8")
    meaning = load(tmp_path / "mapping.toml")
    groups = read_groups(tmp_path / "rows.csv", meaning)
    return [event for group in groups for event in events_of(group, meaning)]


def field(tmp_path: Path, source: str, text: str = CSV) -> list[object]:
    made = events(tmp_path, f"[[events]]\n[events.fields]\nf = {source}\n", text)
    return [event.get("f") for event in made]


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ('{ constant = "shipment" }', ["shipment", "shipment"]),
        ("{ constant = true }", [True, True]),
        ('{ column = "note" }', ["N-1", "N-2"]),
        ('{ columns = ["note", "mode"], prefix = "p-" }', ["p-N-1-air_charter", "p-N-2"]),
        ('{ column = "vendor", as = "code" }', ["HILL-CO-LTD", "ELAN"]),
        ('{ column = "item", as = "slug" }', ["vest_large", "ambulance"]),
        ('{ column = "mode", map = { air_charter = "air" } }', ["air", None]),
        ('{ column = "item", map = { Ambulance = "" } }', ["Vest (large)", None]),
        ('{ column = "quantity", as = "number" }', [20, 2]),
        ('{ column = "quantity", as = "number", take = "sum" }', [25, 2]),
        ('{ column = "quantity", as = "integer", take = "max" }', [20, 2]),
        ('{ column = "vendor", take = "last" }', ["Other", "Élan"]),
        ('{ column = "item", as = "number", take = "min" }', ["Vest (large)", "Ambulance"]),
        (
            '{ column = "planned_on", as = "time", take = "min" }',
            ["2024-03-04T00:00:00+00:00", "2024-03-01T00:00:00+00:00"],
        ),
        (
            '{ column = "planned_on", as = "time", take = "min", shift = "-60 days" }',
            ["2024-01-04T00:00:00+00:00", "2024-01-01T00:00:00+00:00"],
        ),
        (
            '{ column = "delivered_on", as = "time", bare_date = { time = 18:30:00, offset = "-05:00" } }',  # noqa: E501
            ["2024-03-09T18:30:00-05:00", None],
        ),
        ('{ column = "vendor", as = "time" }', ["Hill & Co., Ltd", "Élan"]),
    ],
)
def test_a_field_says_whence_it_comes(tmp_path: Path, source: str, values: list[object]) -> None:
    assert field(tmp_path, source) == values


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2024-03-05T10:00:00+02:00", "2024-03-05T10:00:00+02:00"),
        ("2024-03-05T10:00:00", "2024-03-05T10:00:00+00:00"),
        ("2024-02-30", "2024-02-30"),
    ],
)
def test_only_what_a_time_lacks_is_added(tmp_path: Path, text: str, at: str) -> None:
    assert field(tmp_path, '{ column = "at", as = "time" }', f"note,at\nN,{text}\n") == [at]


def test_times_in_another_format(tmp_path: Path) -> None:
    source = '{ column = "at", as = "time", format = "%d/%m/%Y" }'
    assert field(tmp_path, source, "note,at\nN,05/03/2024\n") == ["2024-03-05T00:00:00+00:00"]


def test_each_row_of_a_group_is_a_line_and_fields_nest(tmp_path: Path) -> None:
    made = events(
        tmp_path,
        '[common]\nkind = { constant = "shipment" }\n'
        '[[events]]\n[events.fields]\nlocation.country = { constant = "EC" }\n'
        "[events.lines]\nline = { row = true }\n"
        'quantity = { column = "quantity", as = "number" }\n',
    )
    assert made == [
        {
            "kind": "shipment",
            "location": {"country": "EC"},
            "lines": [{"line": 1, "quantity": 20}, {"line": 2, "quantity": 5}],
        },
        {"kind": "shipment", "location": {"country": "EC"}, "lines": [{"line": 1, "quantity": 2}]},
    ]


def test_an_event_waits_for_the_columns_it_needs(tmp_path: Path) -> None:
    made = events(
        tmp_path,
        '[[events]]\nonly_with = ["delivered_on"]\n[events.fields]\nnote = { column = "note" }\n',
    )
    assert made == [{"note": "N-1"}]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("", "wrong at events: Field required"),
        ("events = []", "wrong at events"),
        ("[[events]]\n[events.fields]\nf = {}", "name exactly one of"),
        ('[[events]]\n[events.fields]\nf = { column = "note", row = true }', "name exactly one of"),
        (
            '[[events]]\n[events.fields]\nf = { column = "note", colour = 1 }',
            "events.0.fields.f.colour",
        ),
        (
            '[[events]]\n[events.fields]\nf = { column = "note", as = "tim" }',
            "events.0.fields.f.as",
        ),
        (
            '[[events]]\n[events.fields]\nf = { column = "note", shift = "1 day" }',
            "need as = 'time'",
        ),
        (
            '[[events]]\n[events.fields]\nf = { column = "note", as = "time", shift = "P1D" }',
            "a shift looks like",
        ),
        ('[[events]]\n[events.fields]\nf = { column = "nope" }', "no column 'nope'"),
        ("[[events]", "is not TOML"),
    ],
)
def test_a_wrong_mapping_is_told_with_its_place(
    tmp_path: Path, mapping: str, sentence: str
) -> None:
    with pytest.raises(CommandError) as error:
        events(tmp_path, mapping)
    assert sentence in error.value.message


def test_a_time_needs_the_meaning_of_a_bare_date() -> None:
    source = {"column": "at", "as": "time"}
    with pytest.raises(ValueError, match="say what a bare date means"):
        FileMapping.model_validate({"group_by": "n", "events": [{"fields": {"at": source}}]})


def test_a_ragged_row_and_a_wrong_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Row 1 of"):
        field(tmp_path, '{ column = "note" }', "note,at\nN\n")
    (tmp_path / "rows.csv").write_bytes(b"note\n\xff\n")
    with pytest.raises(CommandError, match="cannot be read as CSV"):
        read_groups(tmp_path / "rows.csv", load(tmp_path / "mapping.toml"))


def test_long_names_stay_apart() -> None:
    long = "The Very Long Name of a Vendor with Branches in "
    one, other = slug(long + "Basel", "-", 40), slug(long + "Geneva", "-", 40)
    assert one != other
    assert max(len(one), len(other)) <= 40
