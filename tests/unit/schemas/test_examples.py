"""The examples are what the models take and what the published schemas describe."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel
from pydantic_core import to_json

from schemas.canonical import canonical
from schemas.publish import PUBLISHED
from schemas.records import RECORDS
from schemas.refusals import event_of, parse_event
from schemas.unknown import unknown_fields
from schemas.vocabulary import EVENT_TYPES

EXAMPLES = Path(PUBLISHED).parent / "examples"
EVENT_FOLDERS = [*EVENT_TYPES, "retraction"]
EVENTS = [path for folder in EVENT_FOLDERS for path in sorted((EXAMPLES / folder).glob("*.json"))]
OURS = [
    (name, path)
    for name in RECORDS
    if name != "event"
    for path in sorted((EXAMPLES / name).glob("*.json"))
]


def _name(value: object) -> str:
    return f"{value.parent.name}/{value.stem}" if isinstance(value, Path) else str(value)


def test_every_word_and_every_record_has_an_example() -> None:
    wanted = {*EVENT_FOLDERS, *RECORDS} - {"event"}
    found = {folder.name for folder in EXAMPLES.iterdir() if any(folder.glob("*.json"))}
    assert found == wanted


@pytest.mark.parametrize("path", EVENTS, ids=_name)
def test_an_event_is_admitted_with_all_its_fields(path: Path) -> None:
    raw = json.loads(path.read_bytes())
    event = parse_event(path.read_bytes())
    assert unknown_fields(raw, event) == ()
    assert path.parent.name == ("retraction" if event.retracted else event.type)
    assert canonical(parse_event(canonical(event))) == canonical(event)


@pytest.mark.parametrize("path", EVENTS, ids=_name)
def test_an_event_is_as_published(path: Path) -> None:
    raw = json.loads(path.read_bytes())
    _schema("event").validate(raw)
    _schema("event").validate(json.loads(canonical(event_of(raw))))


@pytest.mark.parametrize(("name", "path"), OURS, ids=_name)
def test_our_own_record_reads_and_writes_alike(name: str, path: Path) -> None:
    raw = json.loads(path.read_bytes())
    _schema(name).validate(raw)
    record = next(kind for each, kind in RECORDS.items() if each == name).adapter.validate_json(
        path.read_bytes()
    )
    assert isinstance(record, BaseModel)
    written = to_json(raw)
    assert record.model_dump_json().encode() == written


def test_the_published_schema_refuses_too() -> None:
    raw = json.loads((EXAMPLES / "departed" / "by_road.json").read_bytes())
    for fault in ({"type": "delivered"}, {"leg": 0}, {"publisher": "a b"}, {"mode": "boat"}):
        assert not _schema("event").is_valid({**raw, **fault})


def _schema(name: str) -> Draft202012Validator:
    schema = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())
